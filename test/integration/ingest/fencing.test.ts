import { topics } from '@milepost/contracts';
import { createPool, Registry, recordPartitions } from '@milepost/database';
import type { LogRecord } from '@milepost/kafka';
import { createLogger, createMetrics } from '@milepost/runtime';
import { type TestDatabase, useTestScope } from '@milepost/test-support';
import type { Pool } from 'pg';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SentRecord } from '../../../apps/ingest/src/batch/prepared-batch.js';
import { identifySenders } from '../../../apps/ingest/src/batch/sender.js';
import { FieldMappings } from '../../../apps/ingest/src/messages/field-mapping.js';
import { createIngestMetrics } from '../../../apps/ingest/src/metrics.js';
import { ensureDaysAround } from '../../../apps/ingest/src/partitions/daily-partitions.js';
import { retirePartitions } from '../../../apps/ingest/src/partitions/retention.js';
import { completeIdlePartitions } from '../../../apps/ingest/src/position/completeness.js';
import { ingestPositions } from '../../../apps/ingest/src/position/positions.js';
import { BatchStore } from '../../../apps/ingest/src/store/batch-store.js';

const scope = useTestScope();
const clusterId = 'test-cluster';
const logger = createLogger({ app: 'test', level: 'silent' });
const metrics = createIngestMetrics(createMetrics('test'));
const now = Date.now();
let database: TestDatabase;
let pool: Pool;
let partition = 0;

beforeAll(async () => {
  database = await scope.database();
  await recordPartitions(database.owner, new Map([[topics.location, 100]]));
  pool = createPool({ url: database.urlFor('milepost_ingest'), app: 'ingest', size: 4, logger });
  scope.onEnd(() => pool.end());
});

beforeEach(() => {
  partition += 1;
});

const newStore = () =>
  new BatchStore({
    pool,
    clusterId,
    feedEpoch: 1,
    logger,
    metrics,
    concurrency: 4,
    rules: { clock: { aheadLimitMs: 120_000, retentionDays: 90 }, mappings: new FieldMappings({}), maxRows: 5_000, maxBytes: 4_000_000 },
  });
const newPositions = () => ingestPositions({ pool, clusterId, logger, metrics });
const fresh = () => false;

async function recordsOf(from: number, to: number, more: object = {}): Promise<SentRecord[]> {
  const records = Array.from({ length: to - from }, (_, index): LogRecord => {
    const n = from + index;
    const item = { recordedAt: now - 100_000 + n, latitude: 1, longitude: 2, sequence: n, ...more };
    return {
      topic: topics.location,
      partition,
      offset: BigInt(n),
      key: `p${partition}`,
      value: Buffer.from(JSON.stringify(item)),
      headers: { organisation: Buffer.from('default') },
      timestampMs: now,
    };
  });
  const senders = await identifySenders(records, new Registry({ pool, policy: 'auto' }), 'default');
  return records.flatMap((record, index) => {
    const sender = senders[index];
    return sender ? [{ record, sender }] : [];
  });
}
const sequences = async () =>
  (
    await database.owner.query<{ sequence: string }>('select sequence from locations where source_partition = $1 order by recorded_at', [
      partition,
    ])
  ).rows.map(({ sequence }) => Number(sequence));
const storedPosition = async () =>
  (await database.owner.query<{ next_offset: string }>('select next_offset from kafka_offsets where partition = $1', [partition])).rows[0]
    ?.next_offset;
const range = { start: 0n, end: 100n };

describe('the fence', () => {
  it('lets a writer with a stale position write nothing, not a row and not the position', async () => {
    const [mine, theirs] = [newStore(), newStore()];
    await newPositions().read(topics.location, partition, range);
    expect(await mine.store(await recordsOf(0, 5), { position: 0n, isStale: fresh })).toEqual({ kind: 'stored', position: 5n });
    const overlapping = await recordsOf(0, 8, { speedKph: 1 });
    expect(await theirs.store(overlapping, { position: 0n, isStale: fresh })).toEqual({ kind: 'fenced' });
    expect(await theirs.store(await recordsOf(7, 9), { position: 7n, isStale: fresh })).toEqual({ kind: 'fenced' });
    expect(await sequences()).toEqual([0, 1, 2, 3, 4]);
    expect(await storedPosition()).toBe('5');
  });

  it('lets one of two win who write the same part of the log at once', async () => {
    await newPositions().read(topics.location, partition, range);
    const batches = await Promise.all(Array.from({ length: 4 }, (_, writer) => recordsOf(0, 20, { speedKph: writer })));
    const outcomes = await Promise.all(batches.map((records) => newStore().store(records, { position: 0n, isStale: fresh })));
    expect(outcomes.filter(({ kind }) => kind === 'stored')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'fenced')).toHaveLength(3);
    expect(await sequences()).toHaveLength(20);
  });

  it('writes nothing without a position', async () => {
    expect(await newStore().store(await recordsOf(0, 2), { position: 0n, isStale: fresh })).toEqual({ kind: 'fenced' });
    expect(await sequences()).toEqual([]);
  });

  it('rolls back a batch whose partition was taken away while it was written', async () => {
    await newPositions().read(topics.location, partition, range);
    let looks = 0;
    const isStale = () => ++looks > 1;
    expect(await newStore().store(await recordsOf(0, 2), { position: 0n, isStale })).toEqual({ kind: 'stale' });
    expect([await sequences(), await storedPosition()]).toEqual([[], '0']);
  });

  it('keeps the first copy of what lies twice in one batch: its place in the log is the one that is known', async () => {
    await newPositions().read(topics.location, partition, range);
    const first = await recordsOf(0, 40);
    const again = first.map(({ record, sender }) => ({ sender, record: { ...record, offset: record.offset + 40n } }));
    await newStore().store([...first, ...again], { position: 0n, isStale: fresh });
    const { rows } = await database.owner.query<{ offset: number }>(
      'select source_offset::int as offset from locations where source_partition = $1 order by sequence',
      [partition],
    );
    expect(rows.map(({ offset }) => offset)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  });

  it('passes over a gap of the log that the consumer has looked at', async () => {
    await newPositions().read(topics.location, partition, range);
    expect(await newStore().store(await recordsOf(3, 5), { position: 0n, isStale: fresh })).toEqual({ kind: 'stored', position: 5n });
  });
});

describe('positions', () => {
  it('begin at the start of the log, and stay where they are stored', async () => {
    const positions = newPositions();
    expect(await positions.read(topics.location, partition, { start: 4n })).toBe(4n);
    expect(await newPositions().read(topics.location, partition, { start: 0n })).toBe(4n);
    expect(await newPositions().read(topics.location, partition, { start: 6n })).toBe(6n);
    expect(await storedPosition()).toBe('6');
  });
});

describe('completeness', () => {
  const completeUntil = async () =>
    (
      await database.owner.query<{ complete_until: Date | null }>('select complete_until from kafka_offsets where partition = $1', [
        partition,
      ])
    ).rows[0]?.complete_until;

  const lookAt = (end: bigint, lookedAtMs: number) =>
    completeIdlePartitions({
      pool,
      clusterId,
      assigned: () => [{ topic: topics.location, partition }],
      rangesOf: async () => new Map([[partition, { start: 0n, end }]]),
      now: () => lookedAtMs,
    });

  it('moves to the time of a look that found the end of the log stored, and never past what is not', async () => {
    await newPositions().read(topics.location, partition, range);
    await lookAt(1n, now);
    expect(await completeUntil()).toBeNull();
    await lookAt(0n, now);
    expect(await completeUntil()).toEqual(new Date(now));
    await lookAt(0n, now - 1_000);
    expect(await completeUntil()).toEqual(new Date(now));
    // By a process whose clock is an hour ahead.
    await lookAt(0n, now + 3_600_000);
    expect((await completeUntil())?.getTime()).toBeLessThan(now + 600_000);
  });

  it('is not moved ahead of the clock by a record from the future', async () => {
    await newPositions().read(topics.location, partition, range);
    const records = (await recordsOf(0, 1)).map(({ record, sender }) => ({ sender, record: { ...record, timestampMs: now + 3_600_000 } }));
    await newStore().store(records, { position: 0n, isStale: fresh });
    expect((await completeUntil())?.getTime()).toBeLessThan(now + 600_000);
  });

  it.each([
    ['look', () => lookAt(0n, now)],
    ['batch', async () => newStore().store(await recordsOf(0, 1), { position: 0n, isStale: fresh })],
  ])("is what the next %s finds where it lies ahead, since Postgres's clock was set back", async (_, move) => {
    await newPositions().read(topics.location, partition, range);
    await database.owner.query(`update kafka_offsets set complete_until = now() + interval '1 hour' where partition = $1`, [partition]);
    await move();
    expect((await completeUntil())?.getTime()).toBeLessThan(now + 600_000);
  });
});

describe('errors', () => {
  it('a batch that takes too long is halved until it does not', async () => {
    await database.owner.query(`create function too_slow() returns trigger language plpgsql as $$
      begin
        if (select count(*) from fresh where sequence between 40 and 60) > 3 then raise exception 'slow' using errcode = '57014'; end if;
        return null;
      end $$`);
    await database.owner.query(
      'create trigger too_slow after insert on locations referencing new table as fresh for each statement execute function too_slow()',
    );
    await newPositions().read(topics.location, partition, range);
    expect(await newStore().store(await recordsOf(40, 60), { position: 0n, isStale: fresh })).toEqual({ kind: 'stored', position: 60n });
    expect(await sequences()).toHaveLength(20);
    await database.owner.query('drop trigger too_slow on locations');
  });

  it('that are not the record’s stop it, and nothing is written', async () => {
    await newPositions().read(topics.location, partition, range);
    await database.owner.query('revoke insert on locations from milepost_ingest');
    try {
      await expect(newStore().store(await recordsOf(0, 2), { position: 0n, isStale: fresh })).rejects.toThrow(
        /SQLSTATE 42501.*start ingest again/,
      );
    } finally {
      await database.owner.query('grant insert on locations to milepost_ingest');
    }
    expect(await storedPosition()).toBe('0');
  });
});

describe('daily partitions', () => {
  const days = async () =>
    (
      await database.owner.query<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'status_reports'::regclass order by 1`,
      )
    ).rows.map(({ name }) => name);

  it('are made from yesterday to three days ahead, once, by whoever comes', async () => {
    await Promise.all([ensureDaysAround(pool, now), ensureDaysAround(pool, now)]);
    expect(await days()).toHaveLength(5);
    expect(await ensureDaysAround(pool, now)).toBe(0);
  });

  it('are dropped when their day is past retention, also those whose retirement was cut short', async () => {
    const before = await days();
    const ensure = (daysAgo: number) =>
      database.owner.query('select ensure_partition($1, current_date - $2::integer)', ['status_reports', daysAgo]);
    for (const daysAgo of [8, 9, 10]) await ensure(daysAgo);
    const [oldest] = await days();
    await database.owner.query(`alter table status_reports detach partition ${oldest}`);
    expect(await retirePartitions({ owner: database.owner, retentionDays: 7, logger, metrics }, now)).toBe(2);
    expect(await days()).toHaveLength(before.length + 1);
    expect((await database.owner.query('select to_regclass($1) as table', [oldest])).rows).toEqual([{ table: null }]);
  });
});
