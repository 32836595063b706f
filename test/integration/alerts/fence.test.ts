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
/** By Postgres's clock, as where ingest looked at an idle log: Kafka's is months behind it here. */
const storeData = (completeUntilMs: number, reportAtMs?: number) =>
  database.owner.query(
    `with complete as (
       insert into kafka_offsets (consumer, cluster_id, topic, partition, next_offset, complete_until)
       select 'ingest', 'test-cluster', topic, 0, 0, now() + make_interval(secs => $1::float8 / 1000) from unnest(array['fleet.location', 'fleet.diagnostics']) as t (topic)
       on conflict (consumer, cluster_id, topic, partition) do update set complete_until = excluded.complete_until
     )
     insert into latest_positions (vehicle, organisation_id, last_contact_at, last_report_at)
     select id, organisation_id, to_timestamp($2::float8 / 1000), to_timestamp($2::float8 / 1000) from vehicles where $2::float8 is not null
     on conflict (vehicle) do update set last_contact_at = excluded.last_contact_at, last_report_at = excluded.last_report_at`,
    [completeUntilMs - log.nowMs, reportAtMs ?? null],
  );

describe('only the owner of a partition writes for it', () => {
  it('a process that lost its partition changes nothing', async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(10);
    const stale = process;
    const next = await startProcess(scope, database, PARTITIONS);
    await log.move(0, next);
    log.lost(0, 'v', 'c1');
    const late = log.records(0, 6);
    await log.pass(60);
    expect(await count('alerts')).toBe(1);
    expect(await stale.write(0, late)).toBe('fenced');
    expect(await count('alert_history')).toBe(2);
  });

  it('a batch of a generation that is over is rolled back', async () => {
    log.connected(0, 'v', 'c1');
    expect(await process.write(0, log.records(0, 0), () => true)).toBe('stale');
    expect(await count('vehicle_presence')).toBe(0);
    await log.apply();
    expect(await count('vehicle_presence')).toBe(1);
  });
});

describe('a batch of a generation that ends while it is committed', () => {
  /** Over when it has been looked at so often. */
  const staleAfter = (looks: number) => {
    let left = looks;
    return () => left-- <= 0;
  };
  const lease = () => log.append(0, 'a', { kind: 'lease', role: 'broker', partition: 0 });
  const loss = () => log.lost(0, 'v', 'c1');

  it.each([
    ['quiet', lease, 1],
    ['judged', loss, 2],
  ])('is not written again by the next one, which was told the position before it (%s)', async (kind, append, looks) => {
    log.connected(0, 'v', 'c1');
    await log.pass(4);
    append();
    const records = log.records(0, 3);
    const before = await process.steps();
    const write = await process.read(0, records);
    const client = await database.owner.connect();
    let late: ReturnType<typeof write>;
    try {
      await client.query('begin');
      await client.query(`select from kafka_offsets where consumer = 'alerts' and partition = 0 for update`);
      late = write(staleAfter(looks));
      await process.take(0);
      await client.query('commit');
    } finally {
      client.release();
    }
    expect(await late).toBe('written');
    expect(await process.steps()).toEqual({ ...before, [kind]: before[kind as 'quiet' | 'judged'] + 1 });
    expect(await process.write(0, records)).toBe('fenced');
    await process.take(0);
    lease();
    expect(await process.write(0, log.records(0, 4))).toBe('written');
  });
});

it('a batch of a generation that is over is not seen by the state that the next one holds', async () => {
  log.connected(0, 'v', 'c1');
  await log.pass(4);
  log.append(0, 'a', { kind: 'lease', role: 'broker', partition: 0 });
  log.lost(0, 'v', 'c1');
  const writeLease = await process.read(0, log.records(0, 3).slice(0, 1));
  const writeLoss = await process.read(0, log.records(0, 4));
  const late = writeLoss(() => true);
  expect(await writeLease()).toBe('written');
  expect(await late).toBe('stale');
  const state = async () => (await database.owner.query('select state from vehicle_presence')).rows;
  expect(await state()).toEqual([{ state: 'online' }]);
  expect(await process.write(0, log.records(0, 4))).toBe('written');
  expect(await state()).toEqual([{ state: 'suspect' }]);
});

describe('a deadline that is due', () => {
  it('is held until every presence partition has been consumed to the same log time', async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(10);
    log.lost(0, 'v', 'c1');
    await log.pass(120, [1]);
    expect(await count('alerts')).toBe(0);
    expect(await process.held()).toMatchObject({ 0: 1 });
    await log.apply();
    await log.pass(4);
    expect(await count('alerts')).toBe(1);
    expect(await process.held()).toEqual({ 0: 0, 1: 0 });
  });

  it('is not said to be held any more by a process that its partition was taken from', async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(10);
    log.lost(0, 'v', 'c1');
    await log.pass(120, [1]);
    expect(await process.held()).toMatchObject({ 0: 1 });
    await process.take(0);
    expect(await process.held()).toEqual({});
  });

  it('is not lost by an outage, and not brought nearer by its length', async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(10);
    log.lost(0, 'v', 'c1');
    await log.apply();
    log.nowMs += 3_600_000;
    await log.pass(20);
    expect(await count('alerts')).toBe(0);
    await log.pass(10);
    expect(await count('alerts')).toBe(1);
  });
});

describe('silence', () => {
  it('of a connected vehicle is an alert, and over with its next report', async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(10);
    const reportMs = log.nowMs;
    await storeData(log.nowMs, reportMs);
    await log.pass(600);
    await storeData(log.nowMs, reportMs);
    await log.pass(290);
    expect(await count('alerts')).toBe(0);
    await storeData(log.nowMs, reportMs);
    await log.pass(60);
    const opened = await database.owner.query('select type, status, severity from alerts');
    expect(opened.rows).toEqual([{ type: 'silent', status: 'open', severity: 'warning' }]);
    await storeData(log.nowMs, log.nowMs);
    await log.pass(40);
    const resolved = await database.owner.query('select type, status from alerts');
    expect(resolved.rows).toEqual([{ type: 'silent', status: 'resolved' }]);
  });

  it("waits while ingest stands, though Kafka's clock is behind the wall's", async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(10);
    await storeData(log.nowMs - 3_600_000, log.nowMs);
    await log.pass(3_600);
    expect(await count('alerts')).toBe(0);
  });

  it('waits while ingest stands, of which what it stored last tells', async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(10);
    await storeData(log.nowMs, log.nowMs);
    await database.owner.query(`update kafka_offsets set complete_until = to_timestamp($1::float8 / 1000) where consumer = 'ingest'`, [
      log.nowMs,
    ]);
    await log.pass(3_600);
    expect(await count('alerts')).toBe(0);
  });

  it("waits while ingest stands since Postgres's clock was set back, and when the time of its last look comes again", async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(10);
    await storeData(log.nowMs + 3_600_000, log.nowMs);
    await log.pass(3_600);
    expect(await count('alerts')).toBe(0);
    const { rows } = await database.owner.query(`select complete_until from kafka_offsets where consumer = 'ingest'`);
    expect(rows).toEqual([{ complete_until: null }, { complete_until: null }]);
  });

  it('is not ended by a status message, which is no report', async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(10);
    await storeData(log.nowMs, log.nowMs);
    await database.owner.query(`update latest_positions set last_contact_at = last_contact_at + interval '800 seconds'`);
    await log.pass(1_000);
    const { rows } = await database.owner.query('select type, status from alerts');
    expect(rows).toEqual([{ type: 'silent', status: 'open' }]);
  });

  it('ends with the connection: then the rules for lost contact hold', async () => {
    log.connected(0, 'v', 'c1');
    await log.pass(10);
    await storeData(log.nowMs, log.nowMs);
    await log.pass(1_000);
    log.append(0, 'a', { kind: 'disconnected', vehicleId: 'v', organisation: 'default', connectionId: 'c1', cause: 'client_disconnect' });
    await log.pass(60);
    const { rows } = await database.owner.query('select type, status from alerts');
    expect(rows).toEqual([{ type: 'silent', status: 'resolved' }]);
  });
});
