import { sql, unpackJson } from '@milepost/database';
import { type TestDatabase, useTestScope } from '@milepost/test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Process, startProcess, WrittenLog } from './written-log.js';

const scope = useTestScope();
const PARTITIONS = 2;
let database: TestDatabase;
let log: WrittenLog;
let process: Process;

beforeEach(async () => {
  database = await scope.database();
  process = await startProcess(scope, database, PARTITIONS);
  log = new WrittenLog([process], ['a'], PARTITIONS);
});

const count = async (table: string) => {
  const { rows } = await database.owner.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return rows[0]?.count;
};

describe('a batch in which nothing happens', () => {
  const positions = async () => {
    const { rows } = await database.owner.query(
      `select partition, next_offset::int as "next", round(extract(epoch from clock_at) * 1000)::float8 as "clockMs", clock
         from kafka_offsets where consumer = 'alerts' order by partition`,
    );
    return rows;
  };

  it('moves position and clock, and is on record, in one statement', async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(4);
    const before = await process.steps();
    await log.pass(20);
    const after = await process.steps();
    expect({ quiet: after.quiet - before.quiet, judged: after.judged - before.judged }).toEqual({ quiet: 20, judged: 0 });
    const clock = { clockMs: log.nowMs, logTimeMs: log.nowMs, writers: expect.objectContaining({ 'broker/a': expect.anything() }) };
    expect(await positions()).toEqual([
      { partition: 0, next: 13, clockMs: log.nowMs, clock },
      { partition: 1, next: 12, clockMs: log.nowMs, clock },
    ]);
    expect(await count('presence_batches')).toBe(24);
  });

  it('does not wait for the disk, and what comes after it does', async () => {
    await log.pass(2);
    const client = await database.owner.connect();
    const setting = async () => (await client.query('show synchronous_commit')).rows[0];
    try {
      await client.query('begin');
      const place = ['test-cluster', 'fleet.presence', 0, 1, 2];
      const { rowCount } = await client.query({
        ...sql('alerts/store/save-quiet-step'),
        values: [...place, log.nowMs, '{}', 0, log.nowMs, 1, Buffer.alloc(0), null],
      });
      expect([rowCount, await setting()]).toEqual([1, { synchronous_commit: 'off' }]);
      await client.query('commit');
      expect(await setting()).toEqual({ synchronous_commit: 'on' });
    } finally {
      client.release();
    }
  });

  it('that a crash of Postgres has undone is read again', async () => {
    await log.pass(2);
    const batches = async () => {
      const { rows } = await database.owner.query<{ id: number; content: Buffer }>(
        'select id::float8 as id, content from presence_batches where presence_partition = 0 order by presence_batches.id',
      );
      return Promise.all(rows.map(async ({ id, content }) => ({ id, previous: (await unpackJson<{ p?: number }>(content)).p })));
    };
    const [kept] = await batches();
    await log.pass(2);
    // Position, clock and batch are of one transaction, and gone together.
    await database.owner.query(`update kafka_offsets set next_offset = next_offset - 1 where consumer = 'alerts' and partition = 0`);
    await database.owner.query('delete from presence_batches where presence_partition = 0 and id <> $1', [kept?.id]);
    log.append(0, 'a', { kind: 'lease', role: 'broker', partition: 0 });
    expect(await process.write(0, log.records(0, 2))).toBe('fenced');
    await process.take(0);
    expect(await process.write(0, log.records(0, 1))).toBe('written');
    expect((await positions())[0]).toMatchObject({ next: 3 });
    expect(await batches()).toEqual([kept, { id: expect.any(Number), previous: kept?.id }]);
  });

  it('is any other as soon as vehicles come or go, or a deadline is reached', async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(4);
    log.lost(0, 'v', 'c1');
    const before = await process.steps();
    await log.pass(40);
    // The loss; the end of the grace, held for a step until the other partition is as far.
    expect((await process.steps()).judged - before.judged).toBeGreaterThanOrEqual(2);
    expect(await count('alerts')).toBe(1);
  });

  it('is any other when it only ends a connection that was never seen to begin: it never opens again', async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(4);
    log.lost(0, 'v', 'c2');
    await log.apply();
    const { rows } = await database.owner.query('select connection_id from closed_connections');
    expect(rows).toEqual([{ connection_id: 'c2' }]);
  });

  it('goes as far as its partition is its own', async () => {
    await log.pass(4);
    const stale = process;
    const next = await startProcess(scope, database, PARTITIONS);
    await log.move(0, next);
    await log.pass(2);
    const ours = await positions();
    log.append(0, 'a', { kind: 'lease', role: 'broker', partition: 0 });
    expect(await stale.write(0, log.records(0, 2))).toBe('fenced');
    expect(await positions()).toEqual(ours);
  });

  it('takes a snapshot where one is due', async () => {
    await log.pass(4);
    const before = await count('presence_snapshots');
    log.nowMs += 2 * 86_400_000;
    await log.pass(2);
    expect(await count('presence_snapshots')).toBe(Number(before) + PARTITIONS);
  });

  it('of a generation that is over changes nothing', async () => {
    await log.pass(4);
    const ours = await positions();
    log.append(0, 'a', { kind: 'lease', role: 'broker', partition: 0 });
    expect(await process.write(0, log.records(0, 2), () => true)).toBe('stale');
    expect(await positions()).toEqual(ours);
    expect(await count('presence_batches')).toBe(4);
  });
});
