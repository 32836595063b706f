import { createLogger } from '@milepost/runtime';
import { afterEach, describe, expect, test } from 'vitest';
import type { LogRecord, OffsetRange, TopicPartition } from '../log-record.js';
import { type BatchConsumer, type BatchConsumerOptions, createBatchConsumerOn } from './batch-consumer.js';
import type { GroupMember, GroupMemberHandlers } from './group-member.js';
import type { RecordBatch } from './record-batch.js';

const logger = createLogger({ app: 'test', level: 'silent' });
const topic = 't';
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const made: BatchConsumer[] = [];

afterEach(async () => {
  await Promise.all(made.splice(0).map((consumer) => consumer.stop({ timeoutMs: 10 })));
});

/** A group of one member for unit tests; the test plays the coordinator and the fetches. */
class FakeMember implements GroupMember {
  readonly held = new Set<number>();
  readonly seeks = new Map<number, bigint>();
  readonly resolved: bigint[] = [];
  readonly committed: (TopicPartition & { offset: bigint })[] = [];
  heartbeats = 0;
  closed = false;

  constructor(readonly handlers: GroupMemberHandlers) {}

  async start(): Promise<void> {}
  holdAll(partitions: readonly TopicPartition[]): void {
    this.held.clear();
    for (const { partition } of partitions) this.held.add(partition);
  }
  release(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) this.held.delete(partition);
  }
  seek({ partition }: TopicPartition, offset: bigint): void {
    this.seeks.set(partition, offset);
  }
  async commit(positions: readonly (TopicPartition & { offset: bigint })[]): Promise<void> {
    this.committed.push(...positions);
  }
  async close(): Promise<void> {
    this.closed = true;
  }

  join(...partitions: number[]): void {
    this.handlers.onJoined(partitions.map((partition) => ({ topic, partition })));
  }
  fetch(partition: number, ...offsets: number[]): Promise<void> {
    const records: LogRecord[] = offsets.map((offset) => ({
      topic,
      partition,
      offset: BigInt(offset),
      key: null,
      value: null,
      headers: {},
      timestampMs: 0,
    }));
    return this.handlers.onBatch({
      topic,
      partition,
      records,
      highWatermark: 100n,
      heartbeat: async () => {
        this.heartbeats += 1;
      },
      resolve: (offset) => void this.resolved.push(offset),
    });
  }
}

async function startConsumer(
  options: Partial<BatchConsumerOptions> = {},
  range: OffsetRange | (() => OffsetRange) = { start: 0n, end: 100n },
) {
  const members: FakeMember[] = [];
  const batches: RecordBatch[] = [];
  const fatal: Error[] = [];
  const consumer = createBatchConsumerOn(
    (_settings, handlers) => {
      const member = new FakeMember(handlers);
      members.push(member);
      return member;
    },
    async () => new Map([0, 1, 2].map((partition) => [partition, typeof range === 'function' ? range() : range])),
    {
      groupId: 'g',
      topics: [topic],
      logger,
      positionOf: async () => 10n,
      onBatch: async (batch) => {
        batches.push(batch);
        return { kind: 'done' };
      },
      onFatal: (error) => void fatal.push(error),
      ...options,
    },
  );
  made.push(consumer);
  await consumer.start();
  const [member] = members;
  if (member === undefined) throw new Error('no member was opened');
  return { consumer, member, members, batches, fatal };
}

const offsets = (batch: RecordBatch | undefined) => batch?.records.map(({ offset }) => Number(offset));

describe('after an assignment', () => {
  test('nothing is fetched or processed before every position is set', async () => {
    let answer = (_position: bigint) => {};
    const position = new Promise<bigint>((resolve) => {
      answer = resolve;
    });
    const { consumer, member, batches } = await startConsumer({ positionOf: () => position });
    member.join(0, 1);
    await turn();
    expect([...member.held]).toEqual([0, 1]);
    await member.fetch(0, 10);
    expect(batches).toHaveLength(0);
    expect(consumer.ready).toBe(false);
    answer(10n);
    await turn();
    await turn();
    expect(member.held.size).toBe(0);
    expect(member.seeks).toEqual(
      new Map([
        [0, 10n],
        [1, 10n],
      ]),
    );
    expect(consumer.assigned()).toHaveLength(2);
  });

  test('pauses of the generation before are forgotten', async () => {
    const { member } = await startConsumer();
    member.join(0, 1);
    await turn();
    member.join(2);
    expect([...member.held]).toEqual([2]);
  });

  test('a batch that began under the assignment before is stale, and does not count', async () => {
    let batch: RecordBatch | undefined;
    let finish = () => {};
    const { member } = await startConsumer({
      onBatch: (given) => {
        batch = given;
        return new Promise((resolve) => {
          finish = () => resolve({ kind: 'done' });
        });
      },
    });
    member.join(0);
    await turn();
    await turn();
    const working = member.fetch(0, 10);
    await turn();
    expect(batch?.isStale()).toBe(false);
    member.handlers.onRebalancing();
    expect(batch?.isStale()).toBe(true);
    finish();
    await working;
    expect(member.resolved).toEqual([]);
  });

  test('a position below the log goes to its start, one above it is fatal', async () => {
    const below = await startConsumer({ positionOf: async () => 3n }, { start: 5n, end: 9n });
    below.member.join(0);
    await turn();
    expect(below.member.seeks.get(0)).toBe(5n);

    const above = await startConsumer({ positionOf: async () => 10n }, { start: 5n, end: 9n });
    above.member.join(0);
    await expect.poll(() => above.fatal).toMatchObject([{ code: 'position_beyond_log_end' }]);
    expect(above.consumer.ready).toBe(false);
  });

  test('a log that ends too early for once is looked at again: who leads no more may not know it yet', async () => {
    const ends = [9n, 9n, 12n];
    const { member, consumer, fatal } = await startConsumer({ positionOf: async () => 10n }, () => ({
      start: 5n,
      end: ends.shift() ?? 12n,
    }));
    member.join(0);
    await expect.poll(() => consumer.ready).toBe(true);
    expect(member.seeks.get(0)).toBe(10n);
    expect(fatal).toEqual([]);
  });

  test('partitions are held although their positions come late, when the next assignment is there by then', async () => {
    let assigned = (): void => undefined;
    const waits = [new Promise<void>((resolve) => (assigned = resolve)), new Promise<void>(() => undefined)];
    const { member, consumer } = await startConsumer({ onAssigned: () => waits.shift() });
    member.join(0);
    await turn();
    member.join(0, 1);
    assigned();
    await turn();
    expect([...member.held]).toEqual([0, 1]);
    expect(consumer.ready).toBe(false);
  });
});

describe('a fetch', () => {
  test('is handed over from the position on, and moves it', async () => {
    const { member, batches } = await startConsumer();
    member.join(0);
    await turn();
    await member.fetch(0, 8, 9, 10, 11);
    expect(offsets(batches[0])).toEqual([10, 11]);
    expect(batches[0]).toMatchObject({ firstOffset: 10n, nextOffset: 12n, generation: 1 });
    expect(member.resolved).toEqual([11n]);
  });

  test('that is larger than a batch comes in pieces, with a heartbeat between them', async () => {
    const { member, batches } = await startConsumer({ maxBatchRecords: 2 });
    member.join(0);
    await turn();
    await member.fetch(0, 10, 11, 12, 13, 14);
    expect(batches.map(offsets)).toEqual([[10, 11], [12, 13], [14]]);
    expect(member.heartbeats).toBe(2);
  });

  test('that begins behind the position is not believed before the store was asked again', async () => {
    let asked = 0;
    const { member, batches } = await startConsumer({
      positionOf: async () => {
        asked += 1;
        return 10n;
      },
    });
    member.join(0);
    await turn();
    await member.fetch(0, 50);
    expect(batches).toHaveLength(0);
    expect(asked).toBe(2);
    await member.fetch(0, 50);
    expect(offsets(batches[0])).toEqual([50]);
  });

  test('that must be repositioned survives a store that cannot be asked, with heartbeats', async () => {
    let asked = 0;
    const { member, fatal } = await startConsumer({
      positionOf: async () => {
        asked += 1;
        if (asked === 2) throw new Error('connection refused');
        return asked === 1 ? 10n : 12n;
      },
      onBatch: async () => ({ kind: 'reposition' }),
    });
    member.join(0);
    await turn();
    await member.fetch(0, 10, 11);
    expect(member.seeks.get(0)).toBe(12n);
    expect(member.heartbeats).toBe(1);
    expect(member.resolved).toEqual([]);
    expect(fatal).toEqual([]);
  });

  test('whose processing fails is fatal; a rebalance found by its heartbeat is given to kafkajs', async () => {
    const failing = await startConsumer({ onBatch: () => Promise.reject(new Error('a bug')) });
    failing.member.join(0);
    await turn();
    await failing.member.fetch(0, 10);
    expect(failing.fatal).toMatchObject([{ message: 'a bug' }]);

    const rebalance = Object.assign(new Error('rebalance'), { name: 'KafkaJSProtocolError', type: 'REBALANCE_IN_PROGRESS' });
    const rebalancing = await startConsumer({ onBatch: () => Promise.reject(rebalance) });
    rebalancing.member.join(0);
    await turn();
    await expect(rebalancing.member.fetch(0, 10)).rejects.toBe(rebalance);
    expect(rebalancing.fatal).toEqual([]);
  });
});

test('a client whose coordinator is silent is thrown away, and another takes its place', async () => {
  const { consumer, members } = await startConsumer({ watchdogMs: 20 });
  const [first] = members;
  first?.join(0);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(members.length).toBeGreaterThan(1);
  expect(first?.closed).toBe(true);
  first?.join(0);
  expect(consumer.assigned()).toEqual([]);
});

test('a client that gave up because the coordinator was not up yet is replaced; any other reason is fatal', async () => {
  const { members, fatal } = await startConsumer();
  const [first] = members;
  first?.join(0);
  const cause = Object.assign(new Error('no coordinator'), { name: 'KafkaJSGroupCoordinatorNotFound' });
  first?.handlers.onCrash(Object.assign(new Error('gave up', { cause }), { name: 'KafkaJSNonRetriableError' }));
  await expect.poll(() => members.length).toBe(2);
  expect([first?.closed, fatal]).toEqual([true, []]);
  const denied = Object.assign(new Error('not authorised'), { name: 'KafkaJSSASLAuthenticationError' });
  first?.handlers.onCrash(denied);
  expect(fatal).toEqual([]);
  members[1]?.handlers.onCrash(denied);
  expect(fatal).toEqual([denied]);
});

test('stop tells Kafka how far it came, and makes running batches stale', async () => {
  const { consumer, member, batches } = await startConsumer();
  member.join(0);
  await turn();
  await member.fetch(0, 10, 11);
  await consumer.stop();
  expect(member.committed).toEqual([{ topic, partition: 0, offset: 12n }]);
  expect(batches[0]?.isStale()).toBe(true);
  expect(member.closed).toBe(true);
});

test('the fetch after one that brought something waits for its pace, and what was done is known before', async () => {
  const { member, batches } = await startConsumer({ fetchPaceMs: 50 });
  member.join(0, 1);
  await turn();
  let mayFetch = false;
  const both = Promise.all([member.fetch(0, 10), member.fetch(1, 10)]).then(() => {
    mayFetch = true;
  });
  await turn();
  expect(batches.map(offsets)).toEqual([[10], [10]]);
  expect(member.resolved).toEqual([10n, 10n]);
  expect(mayFetch).toBe(false);
  await both;
});

test('a partition that is behind and that nobody reads makes another client; one that is worked on does not', async () => {
  let end = () => {};
  const inHand = new Promise<void>((resolve) => {
    end = resolve;
  });
  const onBatch: BatchConsumerOptions['onBatch'] = ({ partition }) =>
    partition === 1 ? inHand.then(() => ({ kind: 'done' })) : Promise.resolve({ kind: 'done' });
  const { member, members } = await startConsumer({ standstillMs: 30, onBatch });
  member.join(1);
  await turn();
  const work = member.fetch(1, 10);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(members).toHaveLength(1);
  end();
  await work;
  await expect.poll(() => members.length).toBe(2);
  expect(member.closed).toBe(true);
});
