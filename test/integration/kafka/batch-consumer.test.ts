import { setTimeout as delay } from 'node:timers/promises';
import {
  type BatchConsumer,
  type BatchConsumerOptions,
  createBatchConsumer,
  createLogWriter,
  type LogWriter,
  logRange,
} from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { eventually, type TestTopics, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';

const logger = createLogger({ app: 'test', level: 'error' });
const scope = useTestScope();
let topics: TestTopics;
let writer: LogWriter;

beforeAll(async () => {
  topics = await scope.topics({ partitions: 4 });
  writer = createLogWriter(topics.connection, { logger });
  scope.onEnd(() => writer.close({ timeoutMs: 5_000 }));
});

function append(topic: string, partition: number, values: readonly string[]) {
  return Promise.all(values.map((value) => writer.append({ topic, key: null, partition, value: Buffer.from(value) })));
}

async function consumer(
  options: Partial<BatchConsumerOptions> & Pick<BatchConsumerOptions, 'groupId' | 'topics' | 'onBatch' | 'positionOf'>,
) {
  const fatal: Error[] = [];
  const made: BatchConsumer = createBatchConsumer(topics.connection, {
    logger,
    sessionTimeoutMs: 6_000,
    onFatal: (error) => void fatal.push(error),
    ...options,
  });
  await made.start();
  scope.onEnd(() => made.stop());
  return Object.assign(made, { fatal });
}

describe('the batch consumer', () => {
  test("begins where the caller's store says, whatever Kafka has committed", async () => {
    await append('fleet.status', 0, ['a', 'b', 'c', 'd']);
    const seen: string[] = [];
    await consumer({
      groupId: 'positions',
      topics: ['fleet.status'],
      positionOf: async (_topic, partition, range) => (partition === 0 ? 2n : range.end),
      onBatch: async ({ records, firstOffset, nextOffset }) => {
        expect(nextOffset - firstOffset).toBe(BigInt(records.length));
        seen.push(...records.map(({ value }) => value?.toString() ?? ''));
        return { kind: 'done' };
      },
    });
    await eventually(() => expect(seen).toEqual(['c', 'd']));
    await append('fleet.status', 0, ['e']);
    await eventually(() => expect(seen).toEqual(['c', 'd', 'e']));
  });

  test('asks again and goes there when a batch says so', async () => {
    await append('fleet.diagnostics', 1, ['a', 'b', 'c']);
    const firsts: bigint[] = [];
    let stored = 0n;
    await consumer({
      groupId: 'reposition',
      topics: ['fleet.diagnostics'],
      positionOf: async (_topic, partition) => (partition === 1 ? stored : 'log-end'),
      onBatch: async ({ firstOffset, nextOffset }) => {
        firsts.push(firstOffset);
        if (firsts.length === 1) {
          stored = 2n;
          return { kind: 'reposition' };
        }
        stored = nextOffset;
        return { kind: 'done' };
      },
    });
    await eventually(() => expect(stored).toBe(3n));
    expect(firsts).toEqual([0n, 2n]);
  });

  test('says when Kafka was asked for what waited in its answer for another partition', async () => {
    for (const partition of [0, 1, 2]) await append('fleet.presence', partition, ['a']);
    const fetched: number[] = [];
    let letGo: () => void = () => undefined;
    const letGone = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await consumer({
      groupId: 'one-at-a-time',
      topics: ['fleet.presence'],
      partitionsConcurrently: 1,
      positionOf: async (_topic, partition) => (partition < 3 ? 'log-start' : 'log-end'),
      onBatch: async ({ askedAtMs }) => {
        fetched.push(askedAtMs);
        await letGone;
        return { kind: 'done' };
      },
    });
    await eventually(() => expect(fetched).toHaveLength(1));
    const letGoAtMs = performance.now();
    letGo();
    await eventually(() => expect(fetched).toHaveLength(3));
    for (const askedAtMs of fetched) expect(askedAtMs).toBeLessThan(letGoAtMs);
  });

  test('waits with the first batch until the positions can be read', async () => {
    await append('fleet.alerts', 2, ['a']);
    let asked = 0;
    const seen: bigint[] = [];
    const made = await consumer({
      groupId: 'patience',
      topics: ['fleet.alerts'],
      positionOf: async () => {
        asked += 1;
        if (asked < 4) throw new Error('Postgres is away');
        return 'log-start';
      },
      onBatch: async ({ firstOffset }) => {
        seen.push(firstOffset);
        return { kind: 'done' };
      },
    });
    expect(made.ready).toBe(false);
    await eventually(() => expect(seen).toEqual([0n]));
    expect(made.ready).toBe(true);
  });

  test('stops loudly at a position that the log has not reached', async () => {
    const made = await consumer({
      groupId: 'beyond',
      topics: ['fleet.dead-letter'],
      positionOf: async () => 1_000n,
      onBatch: async () => ({ kind: 'done' }),
    });
    await eventually(() => expect(made.fatal).toHaveLength(1));
    expect(made.fatal[0]).toMatchObject({ code: 'position_beyond_log_end' });
  });

  test('two members share the partitions; after one leaves, the other goes on from the store: nothing is missed, nothing is done twice', async () => {
    const topic = 'fleet.location';
    const stored = new Map<number, bigint>();
    const done: string[] = [];
    const member = () =>
      consumer({
        groupId: 'pair',
        topics: [topic],
        positionOf: async (_topic, partition) => stored.get(partition) ?? 'log-start',
        onBatch: async ({ partition, records, firstOffset, nextOffset, isStale }) => {
          await delay(20);
          // The fence of ingest: what is stored must be where this batch begins.
          if (isStale() || (stored.get(partition) ?? 0n) !== firstOffset) return { kind: 'reposition' };
          stored.set(partition, nextOffset);
          done.push(...records.map(({ value }) => value?.toString() ?? ''));
          return { kind: 'done' };
        },
      });
    const expected: string[] = [];
    let going = true;
    const load = (async () => {
      for (let i = 0; going; i += 1) {
        const values = [0, 1, 2, 3].map((partition) => `${i}/${partition}`);
        expected.push(...values);
        await Promise.all(values.map((value, partition) => append(topic, partition, [value])));
        await delay(10);
      }
    })();
    const first = await member();
    await eventually(() => expect(first.assigned()).toHaveLength(4));
    const second = await member();
    await eventually(() => {
      expect(first.assigned()).toHaveLength(2);
      expect(second.assigned()).toHaveLength(2);
    });
    await delay(500);
    await first.stop();
    await eventually(() => expect(second.assigned()).toHaveLength(4), { timeoutMs: 20_000 });
    await delay(300);
    going = false;
    await load;
    await eventually(() => expect(done).toHaveLength(expected.length), { timeoutMs: 15_000 });
    expect(new Set(done)).toEqual(new Set(expected));
    expect(await logRange(topics.connection, topic)).toEqual(
      new Map([...stored].map(([partition, end]) => [partition, { start: 0n, end }])),
    );
  });
});
