import { createPool } from '@milepost/database';
import { defaultPolicy, fixedPolicy, type PolicySubject } from '@milepost/presence';
import { createLogger, createMetrics } from '@milepost/runtime';
import { eventually, type TestDatabase, useTestScope } from '@milepost/test-support';
import type { Pool } from 'pg';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ConditionJudge } from '../../../apps/alerts/src/conditions/condition-judge.js';
import { createConditionMetrics } from '../../../apps/alerts/src/conditions/condition-metrics.js';
import { GeofenceShapes } from '../../../apps/alerts/src/conditions/geofence-shapes.js';
import { judgeOldest } from '../../../apps/alerts/src/conditions/judge-shard.js';
import { createMetrics as createAlertsMetrics } from '../../../apps/alerts/src/metrics.js';

const scope = useTestScope();
const logger = createLogger({ app: 'test', level: 'silent' });
const policies = fixedPolicy(defaultPolicy);
const context = { policies, shapes: new GeofenceShapes() };
/** Of the vehicles 16, 32 and 48. */
const shard = 0;
let database: TestDatabase;
let pool: Pool;

const rows = async <T extends object>(sql: string, values: unknown[] = []) => (await database.owner.query<T>(sql, values)).rows;
/** That a vehicle has a trouble code waits to be judged. */
const codeSeen = (vehicle: number, code: string) =>
  rows(
    `insert into condition_facts (organisation_id, vehicle, recorded_at, received_at, identity, fact)
     select organisation_id, id, now(), now(), 0, $2::jsonb from vehicles where id = $1`,
    [vehicle, JSON.stringify({ kind: 'report', dtcs: [{ code, status: 'active' }] })],
  );
const codesOpen = async () => (await rows<{ key: string }>('select key from alerts order by key')).map(({ key }) => key);
const waiting = async () => (await rows('select from condition_facts')).length;

/** A judge that is stopped when the test is finished, and what it left is removed. */
function newJudge(on: Pool = pool, heardBy = logger): ConditionJudge {
  const registry = createMetrics('test');
  const judge = new ConditionJudge({
    pool: on,
    policies: () => policies,
    logger: heardBy,
    metrics: createAlertsMetrics(registry, () => ({ vehicles: new Map(), deadlines: 0, clocks: [] })),
    conditions: createConditionMetrics(registry, on),
    onFatal: () => undefined,
  });
  onTestFinished(async () => {
    await judge.stop();
    await rows('truncate alerts, condition_facts, vehicle_conditions, outbox cascade');
  });
  return judge;
}

beforeAll(async () => {
  database = await scope.database();
  pool = createPool({ url: database.urlFor('milepost_alerts'), app: 'alerts', size: 4, logger });
  scope.onEnd(() => pool.end());
  await rows(
    `insert into vehicles (id, vehicle_id, organisation_id) overriding system value
     select n, 'truck-' || n, o.id from unnest(array[16, 32, 48]) as n, organisations o where o.name = 'default'`,
  );
  await rows(`alter table alerts add constraint refused_here check (key <> 'P0666')`);
});

it('a call for help does not wait behind what came before it', async () => {
  await codeSeen(16, 'P0001');
  await rows(
    `insert into condition_facts (organisation_id, vehicle, recorded_at, received_at, identity, fact)
     select organisation_id, id, now(), now(), 0, $1::jsonb from vehicles where id = 32`,
    [JSON.stringify({ kind: 'emergency', events: [{ type: 'sos', name: 'SOS' }] })],
  );
  await judgeOldest(pool, shard, context);
  expect(await rows('select type from alerts')).toEqual([{ type: 'sos' }]);
  await judgeOldest(pool, shard, context);
  expect(await rows('select type from alerts order by type')).toEqual([{ type: 'dtc' }, { type: 'sos' }]);
  await rows('truncate alerts, vehicle_conditions, outbox cascade');
});

it('a vehicle whose row somebody has locked keeps no other shard waiting, and is judged when it is free', async () => {
  await rows(
    `insert into vehicles (id, vehicle_id, organisation_id) overriding system value select 17, 'truck-17', id from organisations where name = 'default'`,
  );
  await codeSeen(16, 'P0600');
  await judgeOldest(pool, shard, context);
  const impatient = createPool({ url: database.urlFor('milepost_alerts'), app: 'alerts', size: 4, logger, statementTimeoutMs: 250 });
  scope.onEnd(() => impatient.end());
  const limits: number[] = [];
  const line = (text: string) => void limits.push(...[(JSON.parse(text) as { limit?: number }).limit ?? []].flat());
  const judge = newJudge(impatient, createLogger({ app: 'test', level: 'warn', destination: { write: line } }));
  const somebody = await database.owner.connect();
  try {
    await somebody.query('begin');
    await somebody.query('select from vehicle_conditions where vehicle = 16 for update');
    await codeSeen(16, 'P0601');
    judge.start();
    await eventually(async () => expect(limits).toContain(1), { timeoutMs: 30_000, everyMs: 50 });
    await codeSeen(17, 'P0700');
    await eventually(async () => expect(await codesOpen()).toEqual(['P0600', 'P0700']), { timeoutMs: 10_000, everyMs: 50 });
  } finally {
    await somebody.query('rollback');
    somebody.release();
  }
  await eventually(async () => expect(await codesOpen()).toEqual(['P0600', 'P0601', 'P0700']), { timeoutMs: 10_000, everyMs: 50 });
});

it('a shard that ends in a deadlock again and again keeps no other shard waiting', async () => {
  await rows(
    `insert into vehicles (id, vehicle_id, organisation_id) overriding system value select 17, 'truck-17', id from organisations where name = 'default' on conflict do nothing`,
  );
  await rows(`create function deadlock() returns trigger language plpgsql as $$
    begin
      raise exception 'deadlock detected' using errcode = '40P01';
    end $$`);
  await rows(`create trigger deadlock before insert on alerts for each row when (new.key = 'P0602') execute function deadlock()`);
  onTestFinished(() => rows('drop function if exists deadlock cascade').then(() => undefined));
  const judge = newJudge();
  await codeSeen(16, 'P0602');
  await codeSeen(17, 'P0702');
  judge.start();
  await eventually(async () => expect(await codesOpen()).toEqual(['P0702']), { timeoutMs: 10_000, everyMs: 50 });
  await rows('drop trigger deadlock on alerts');
  await eventually(async () => expect(await codesOpen()).toEqual(['P0602', 'P0702']), { timeoutMs: 10_000, everyMs: 50 });
});

it('a call for help waits for a vehicle whose row somebody has locked no longer than a lock is waited for, of whatever shard', async () => {
  await codeSeen(16, 'P0600');
  await judgeOldest(pool, shard, context);
  const judge = newJudge();
  const somebody = await database.owner.connect();
  onTestFinished(async () => {
    await somebody.query('rollback');
    somebody.release();
  });
  await somebody.query('begin');
  await somebody.query('select from vehicle_conditions where vehicle = 16 for update');
  await codeSeen(16, 'P0601');
  judge.start();
  await eventually(async () => expect(await rows(`select from pg_stat_activity where wait_event_type = 'Lock'`)).toHaveLength(1), {
    timeoutMs: 10_000,
    everyMs: 20,
  });
  for (const vehicle of [17, 32]) {
    await rows(
      `insert into condition_facts (organisation_id, vehicle, recorded_at, received_at, identity, fact)
       select organisation_id, id, now(), now(), 0, $2::jsonb from vehicles where id = $1`,
      [vehicle, JSON.stringify({ kind: 'emergency', events: [{ type: 'sos', name: 'SOS' }] })],
    );
  }
  // The statement that waits has half a minute.
  await eventually(async () => expect(await rows(`select vehicle from alerts where type = 'sos' order by vehicle`)).toHaveLength(2), {
    timeoutMs: 20_000,
    everyMs: 50,
  });
});

describe('what Postgres refuses', () => {
  it('is passed over in the transaction that took it, and nothing else is', async () => {
    await codeSeen(16, 'P0666');
    await codeSeen(32, 'P0100');
    expect(await judgeOldest(pool, shard, context)).toMatchObject({ full: true, passedOver: { fact: { vehicleId: 'truck-16' } } });
    expect(await waiting()).toBe(1);
    expect(await judgeOldest(pool, shard, context)).not.toHaveProperty('passedOver');
    expect(await codesOpen()).toEqual(['P0100']);
    expect(await judgeOldest(pool, shard, context)).toMatchObject({ full: false });
  });

  it('of a vehicle that is due costs no fact of another, and stops the process when nothing else is left', async () => {
    await codeSeen(48, 'P0200');
    await codeSeen(48, 'P0300');
    await judgeOldest(pool, shard, context);
    await judgeOldest(pool, shard, context);
    // Told again, which is refused from now on.
    await rows(`alter table alert_history add constraint refused_too check (status <> 'reminded') not valid`);
    await rows(`update vehicle_conditions set due_at = now() - interval '1 s' where vehicle = 48`);
    await codeSeen(32, 'P0400');
    await codeSeen(16, 'P0500');
    const registry = createMetrics('test');
    const conditions = createConditionMetrics(registry, pool);
    const metrics = createAlertsMetrics(registry, () => ({ vehicles: new Map(), deadlines: 0, clocks: [] }));
    const fatal: Error[] = [];
    const reminding = { ...policies, policyOf: ({ vehicle }: PolicySubject) => ({ ...defaultPolicy, renotifyMs: vehicle === 48 ? 1 : 0 }) };
    const judge = new ConditionJudge({
      pool,
      policies: () => reminding,
      logger,
      metrics,
      conditions,
      onFatal: (error) => fatal.push(error),
    });
    judge.start();
    await eventually(async () => expect(fatal).toHaveLength(1), { timeoutMs: 20_000, everyMs: 100 });
    await judge.stop();
    expect(await waiting()).toBe(0);
    expect((await conditions.passedOver.get()).values.map(({ value }) => value)).toEqual([0]);
    expect(await codesOpen()).toEqual(['P0100', 'P0200', 'P0300', 'P0400', 'P0500']);
  });
});
