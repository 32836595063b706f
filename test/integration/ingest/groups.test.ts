import { topics } from '@milepost/contracts';
import { createPool, Registry, recordPartitions } from '@milepost/database';
import type { LogRecord } from '@milepost/kafka';
import { createLogger, createMetrics } from '@milepost/runtime';
import { type TestDatabase, useTestScope } from '@milepost/test-support';
import type { Pool } from 'pg';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { SentRecord } from '../../../apps/ingest/src/batch/prepared-batch.js';
import { identifySenders } from '../../../apps/ingest/src/batch/sender.js';
import { FieldMappings } from '../../../apps/ingest/src/messages/field-mapping.js';
import { createIngestMetrics } from '../../../apps/ingest/src/metrics.js';
import { ensureDaysAround } from '../../../apps/ingest/src/partitions/daily-partitions.js';
import { ingestPositions } from '../../../apps/ingest/src/position/positions.js';
import { BatchStore } from '../../../apps/ingest/src/store/batch-store.js';

const scope = useTestScope();
const clusterId = 'test-cluster';
const logger = createLogger({ app: 'test', level: 'silent' });
const now = Date.now();
let database: TestDatabase;
let pool: Pool;
let metrics: ReturnType<typeof createIngestMetrics>;
let store: BatchStore;
/** Of the first partition of a test. */
let base = 0;

beforeAll(async () => {
  database = await scope.database();
  await recordPartitions(database.owner, new Map([topics.location, topics.diagnostics, topics.status].map((topic) => [topic, 1_000])));
  pool = createPool({ url: database.urlFor('milepost_ingest'), app: 'ingest', size: 8, logger });
  scope.onEnd(() => pool.end());
  await ensureDaysAround(pool, now);
});

beforeEach(() => {
  base += 10;
  metrics = createIngestMetrics(createMetrics('test'));
  store = new BatchStore({
    ...{ pool, clusterId, feedEpoch: 1, logger, metrics },
    concurrency: 4,
    rules: { clock: { aheadLimitMs: 120_000, retentionDays: 90 }, mappings: new FieldMappings({}), maxRows: 5_000, maxBytes: 4_000_000 },
  });
});

interface Made {
  topic?: string;
  partition: number;
  from?: number;
  count?: number;
  vehicle?: string;
  item?: object;
}

async function made({
  topic = topics.location,
  partition,
  from = 0,
  count = 2,
  vehicle = `g${partition}`,
  item,
}: Made): Promise<SentRecord[]> {
  const records = Array.from({ length: count }, (_, index): LogRecord => {
    const sequence = from + index;
    const value = item ?? { recordedAt: now - 100_000 + sequence, latitude: 1, longitude: 2, sequence };
    return {
      ...{ topic, partition, offset: BigInt(sequence), key: vehicle, timestampMs: now },
      value: Buffer.from(JSON.stringify(value)),
      headers: { organisation: Buffer.from('default') },
    };
  });
  const senders = await identifySenders(records, new Registry({ pool, policy: 'auto' }), 'default');
  return records.flatMap((record, index) => (senders[index] ? [{ record, sender: senders[index] }] : []));
}

/** All in the same turn, as the partitions of a fetch come; each at the offset where it begins, unless the test knows better. */
async function storeTogether(batches: { records: SentRecord[]; position?: bigint; isStale?: () => boolean }[]) {
  for (const { records } of batches) {
    const first = records[0]?.record;
    if (first) await ingestPositions({ pool, clusterId, logger, metrics }).read(first.topic, first.partition, { start: 0n });
  }
  return Promise.all(
    batches.map(({ records, position = records[0]?.record.offset ?? 0n, isStale = () => false }) =>
      store.store(records, { position, isStale }),
    ),
  );
}
const transactions = async (kind: string) =>
  (await metrics.transactions.get()).values.filter(({ labels }) => labels.kind === kind).reduce((sum, { value }) => sum + value, 0);
const rows = async (table = 'locations') =>
  (
    await database.owner.query<{ partition: number; offset: string; xid: string }>(
      `select source_partition as partition, source_offset as offset, commit_xid::text as xid from ${table} where source_partition between $1 and $1 + 9 order by 1, 2`,
      [base],
    )
  ).rows;
const positionOf = async (partition: number) =>
  (await database.owner.query<{ next: string }>('select next_offset as next from kafka_offsets where partition = $1', [partition])).rows[0]
    ?.next;

it.each([
  [topics.location, 'locations'],
  [topics.diagnostics, 'diagnostics'],
  [topics.status, 'status_reports'],
])('small batches of %s that come together are one transaction, each row with its own partition and offset', async (topic, table) => {
  const item = topic === topics.status ? { item: { status: 'online' } } : {};
  const batches = await Promise.all([0, 1, 2].map((n) => made({ topic, partition: base + n, ...item })));
  const outcomes = await storeTogether(batches.map((records) => ({ records })));
  expect(outcomes).toEqual(batches.map(() => ({ kind: 'stored', position: 2n })));
  const stored = await rows(table);
  expect(stored.map(({ partition, offset }) => [partition - base, offset])).toEqual(
    [0, 1, 2].flatMap((n) => [
      [n, '0'],
      [n, '1'],
    ]),
  );
  expect(new Set(stored.map(({ xid }) => xid)).size).toBe(1);
  for (const n of [0, 1, 2]) expect(await positionOf(base + n)).toBe('2');
  expect(await transactions('group')).toBe(1);
  expect(await transactions('alone')).toBe(0);
});

it('a batch whose position is another one is fenced, and its neighbours are stored', async () => {
  const [first, second] = [await made({ partition: base }), await made({ partition: base + 1, from: 5 })];
  const outcomes = await storeTogether([{ records: first }, { records: second }]);
  expect(outcomes).toEqual([{ kind: 'stored', position: 2n }, { kind: 'fenced' }]);
  expect((await rows()).map(({ partition }) => partition - base)).toEqual([0, 0]);
  expect(await positionOf(base + 1)).toBe('0');
  expect(await transactions('group-undone')).toBe(1);
});

it('a batch whose partition was taken away is not written, and its neighbours are stored', async () => {
  const [first, second] = [await made({ partition: base }), await made({ partition: base + 1 })];
  let looks = 0;
  // Taken away while the group is being written.
  const outcomes = await storeTogether([{ records: first }, { records: second, isStale: () => ++looks > 1 }]);
  expect(outcomes).toEqual([{ kind: 'stored', position: 2n }, { kind: 'stale' }]);
  expect((await rows()).map(({ partition }) => partition - base)).toEqual([0, 0]);
  expect(await positionOf(base + 1)).toBe('0');
});

it('a position that another process holds just now holds up no neighbour', async () => {
  const [first, second] = [await made({ partition: base }), await made({ partition: base + 1 })];
  await ingestPositions({ pool, clusterId, logger, metrics }).read(topics.location, base + 1, { start: 0n });
  const other = await database.owner.connect();
  await other.query('begin');
  await other.query('select from kafka_offsets where partition = $1 for update', [base + 1]);
  const both = storeTogether([{ records: first }, { records: second }]);
  try {
    await expect.poll(() => positionOf(base), { timeout: 5_000 }).toBe('2');
    expect(await positionOf(base + 1)).toBe('0');
  } finally {
    await other.query('rollback');
    other.release();
  }
  expect(await both).toEqual([
    { kind: 'stored', position: 2n },
    { kind: 'stored', position: 2n },
  ]);
});

it('a day without a partition, and a vehicle in two partitions, are stored all the same', async () => {
  const old = { recordedAt: now - 40 * 86_400_000, latitude: 1, longitude: 2 };
  const batches = [
    await made({ partition: base, vehicle: 'twice' }),
    await made({ partition: base + 1, vehicle: 'twice', from: 0, count: 1, item: { ...old, recordedAt: now - 50_000 } }),
    await made({ partition: base + 2, count: 1, item: old }),
  ];
  const outcomes = await storeTogether(batches.map((records) => ({ records })));
  expect(outcomes.map(({ kind }) => kind)).toEqual(['stored', 'stored', 'stored']);
  expect((await rows()).map(({ partition }) => partition - base)).toEqual([0, 0, 1, 2]);
});

it('a record that becomes a dead letter is settled, and counts beside what its neighbours stored and repeated', async () => {
  const batches = [
    await made({ partition: base }),
    await made({ partition: base + 1, vehicle: 'wrong', count: 1, item: { recordedAt: now, latitude: 91, longitude: 1 } }),
    await made({ partition: base + 2, count: 2, item: { recordedAt: now - 70_000, latitude: 1, longitude: 1 } }),
  ];
  await storeTogether(batches.map((records) => ({ records })));
  const items = (await metrics.items.get()).values.map(({ labels, value }) => [labels.outcome, value]);
  expect(Object.fromEntries(items)).toEqual({ stored: 3, duplicate: 1 });
  expect(await positionOf(base + 1)).toBe('1');
  expect((await metrics.deadLetters.get()).values[0]?.value).toBe(1);
});
