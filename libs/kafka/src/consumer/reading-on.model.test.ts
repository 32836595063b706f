import { createLogger } from '@milepost/runtime';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { turn } from './batch-consumer.fixture.js';
import { createBatchConsumerOn } from './batch-consumer.js';
import type { BatchOutcome, RecordBatch } from './handler-batch.js';
import { ModelClient, type ModelFetch, ModelKafka, NODES, topic } from './kafkajs-in-model.fixture.js';

const logger = createLogger({ app: 'test', level: 'silent' });
const PARTITIONS = [0, 1];
const MS_A_TURN = 20;
/** Longer than whatever is waited for: a batch of the assignment before, 10 s. */
const STANDSTILL_TURNS = 2_000;

/** What becomes of a batch that the caller has, and how many turns pass before it is sent to the store and until that has answered. */
interface Fate {
  kind: 'stored' | 'not-stored' | 'stored-by-another' | 'rebalance-heard';
  before: number;
  during: number;
}
/** So many turns after the one before. */
type Event = { after: number } & (
  | { kind: 'join'; partitions: readonly number[]; beside: boolean; storedByOthers: number }
  | { kind: 'leader'; partition: number; node: number }
  | { kind: 'restart'; killed: boolean }
);
interface Run {
  /** Offsets that are missing in front of each record, by partition. */
  gaps: readonly (readonly number[])[];
  fetches: readonly ModelFetch[];
  fates: readonly Fate[];
  events: readonly Event[];
  heartbeats: readonly boolean[];
  readAhead: boolean;
  maxBatchRecords: number;
}

const after = fc.nat(15);
const gap = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) });
const turns = fc.oneof({ weight: 20, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.integer({ min: 500, max: 600 }) });
/** Now and then a node is so slow that others lead what it was asked for when it answers. */
const fetchTurns = fc.oneof({ weight: 3, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.integer({ min: 10, max: 60 }) });
const runs: fc.Arbitrary<Run> = fc.record({
  gaps: fc.array(fc.array(gap, { maxLength: 24 }), { minLength: PARTITIONS.length, maxLength: PARTITIONS.length }),
  fetches: fc.array(fc.record({ records: fc.integer({ min: 1, max: 5 }), turns: fetchTurns, atEnd: fc.boolean() }), {
    minLength: 1,
    maxLength: 12,
  }),
  fates: fc.array(
    fc.record({
      kind: fc.constantFrom<Fate['kind']>('stored', 'stored', 'stored', 'not-stored', 'stored-by-another', 'rebalance-heard'),
      before: turns,
      during: turns,
    }),
    { maxLength: 16 },
  ),
  events: fc.array(
    fc.oneof(
      fc.record({
        after,
        kind: fc.constant('join' as const),
        partitions: fc.subarray(PARTITIONS),
        beside: fc.boolean(),
        storedByOthers: fc.nat(3),
      }),
      fc.record({
        after,
        kind: fc.constant('leader' as const),
        partition: fc.constantFrom(...PARTITIONS),
        node: fc.constantFrom(...NODES),
      }),
      fc.record({ after, kind: fc.constant('restart' as const), killed: fc.boolean() }),
    ),
    { maxLength: 12 },
  ),
  heartbeats: fc.array(fc.boolean(), { maxLength: 6 }),
  readAhead: fc.boolean(),
  maxBatchRecords: fc.integer({ min: 1, max: 6 }),
});

/** What Postgres has: rows, and a fence for each partition. */
class Store {
  readonly stored = PARTITIONS.map((): bigint[] => []);
  readonly positions = PARTITIONS.map(() => 0n);

  constructor(private readonly logs: readonly (readonly bigint[])[]) {}

  /** Whose position is not the one that stands writes nothing. */
  write(partition: number, offsets: readonly bigint[], from: bigint, to: bigint): boolean {
    if (this.positions[partition] !== from) return false;
    this.stored[partition]?.push(...offsets);
    this.positions[partition] = to;
    return true;
  }

  /** As another process does it that has the partition, or believes so. */
  writeNext(partition: number): void {
    const from = this.positions[partition] ?? 0n;
    const next = this.logs[partition]?.find((offset) => offset >= from);
    if (next !== undefined) this.write(partition, [next], from, next + 1n);
  }
}

/** One process, as ingest is one: what it remembers of positions says what the fence must find. */
function begin(run: Run, kafka: ModelKafka, store: Store, next: { fate(): Fate; heartbeat(): boolean }, faults: unknown[]) {
  const expected = new Map<number, bigint>();
  const withCaller = new Set<string>();
  let client: ModelClient | undefined;

  const onBatch = async (batch: RecordBatch): Promise<BatchOutcome> => {
    const { partition, records, firstOffset, nextOffset } = batch;
    const { kind, before, during } = next.fate();
    for (let n = 0; n < before; n += 1) await turn();
    if (kind === 'rebalance-heard') throw rebalance();
    const from = expected.get(partition) ?? firstOffset;
    if (batch.isStale()) return { kind: 'reposition' };
    for (let n = 0; n < during; n += 1) await turn();
    if (kind === 'stored-by-another') store.writeNext(partition);
    const offsets = records.map(({ offset }) => offset);
    if (kind === 'not-stored' || !store.write(partition, offsets, from, nextOffset)) return { kind: 'reposition' };
    if (!batch.isStale()) expected.set(partition, nextOffset);
    return { kind: 'done' };
  };

  const consumer = createBatchConsumerOn(
    (_, handlers) => {
      client = new ModelClient(kafka, handlers, async () => {
        if (next.heartbeat()) throw rebalance();
      });
      return client;
    },
    async () => new Map(PARTITIONS.map((partition) => [partition, { start: 0n, end: kafka.end(partition) }])),
    {
      groupId: 'g',
      topics: [topic],
      logger,
      readAhead: run.readAhead,
      maxBatchRecords: run.maxBatchRecords,
      commitOffsets: false,
      positionOf: async (_, partition) => {
        await turn();
        const position = store.positions[partition] ?? 0n;
        expected.set(partition, position);
        return position;
      },
      onBatch: async (batch) => {
        const place = `${batch.generation}/${batch.partition}`;
        if (withCaller.has(place)) faults.push(`two batches of ${place} at a time`);
        withCaller.add(place);
        return onBatch(batch).finally(() => withCaller.delete(place));
      },
      onFatal: (error) => faults.push(error),
    },
  );
  void consumer.start();
  void client?.joinAgain(PARTITIONS);
  return { consumer, client };
}

const rebalance = () => Object.assign(new Error('rebalance'), { name: 'KafkaJSProtocolError', type: 'REBALANCE_IN_PROGRESS' });

async function read(run: Run): Promise<{ logs: bigint[][]; stored: bigint[][]; faults: unknown[] }> {
  const logs = run.gaps.map((gaps) => {
    let last = -1n;
    return gaps.map((missing) => (last += BigInt(missing) + 1n));
  });
  const kafka = new ModelKafka(logs, run.fetches);
  const store = new Store(logs);
  const faults: unknown[] = [];
  const fates = run.fates.values();
  const heartbeats = run.heartbeats.values();
  const next = {
    fate: (): Fate => fates.next().value ?? { kind: 'stored', before: 0, during: 0 },
    heartbeat: () => heartbeats.next().value ?? false,
  };
  let process = begin(run, kafka, store, next, faults);
  let restarting: Promise<void> | undefined;

  const happen = (event: Event) => {
    const { consumer, client } = process;
    if (event.kind === 'leader') kafka.leaders[event.partition] = event.node;
    else if (event.kind === 'join') {
      for (const partition of PARTITIONS) for (let n = 0; n < event.storedByOthers; n += 1) store.writeNext(partition);
      if (event.beside) client?.joinBeside(event.partitions);
      else void client?.joinAgain(event.partitions);
    } else if (event.killed) {
      void client?.close();
      void consumer.stop({ timeoutMs: 0 });
      process = begin(run, kafka, store, next, faults);
    } else {
      restarting ??= consumer.stop().then(() => {
        restarting = undefined;
        process = begin(run, kafka, store, next, faults);
      });
    }
  };

  const pass = async () => {
    await turn();
    vi.advanceTimersByTime(MS_A_TURN);
  };
  for (const event of run.events) {
    for (let n = 0; n < event.after; n += 1) await pass();
    if (restarting === undefined) happen(event);
  }
  let standing = 0;
  for (let before = ''; standing < STANDSTILL_TURNS && PARTITIONS.some((one) => (store.positions[one] ?? 0n) < kafka.end(one)); ) {
    // Whoever lost a partition gets it again.
    if (restarting === undefined && process.client?.assigned.length !== PARTITIONS.length && standing % 100 === 99)
      void process.client?.joinAgain(PARTITIONS);
    await pass();
    const now = store.positions.join();
    standing = now === before ? standing + 1 : 0;
    before = now;
  }
  void process.consumer.stop({ timeoutMs: 0 });
  for (let n = 0; n < 5; n += 1) await pass();
  return { logs, stored: store.stored, faults };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('through rebalances, moved leaders and restarts, and wherever the logs have gaps, each record is stored once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async (run) => {
      const { logs, stored, faults } = await read(run);
      expect(faults).toEqual([]);
      expect(stored).toEqual(logs);
    }),
    { numRuns: 100 },
  );
});
