import { createPool } from '@milepost/database';
import { defaultPolicy, fixedPolicy } from '@milepost/presence';
import { createLogger, createMetrics } from '@milepost/runtime';
import { eventually, type TestDatabase, useTestScope } from '@milepost/test-support';
import type { Pool, PoolClient } from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConditionJudge } from '../../../apps/alerts/src/conditions/condition-judge.js';
import { createConditionMetrics } from '../../../apps/alerts/src/conditions/condition-metrics.js';
import { FencesChanged } from '../../../apps/alerts/src/conditions/fences-of.js';
import { GeofenceShapes } from '../../../apps/alerts/src/conditions/geofence-shapes.js';
import { judgeShard } from '../../../apps/alerts/src/conditions/judge-shard.js';
import { createMetrics as createAlertsMetrics } from '../../../apps/alerts/src/metrics.js';

const scope = useTestScope();
const logger = createLogger({ app: 'test', level: 'silent' });
const context = { policies: fixedPolicy(defaultPolicy), shapes: new GeofenceShapes() };
/** Of the vehicle 16. */
const shard = 0;
const inside = { latitude: 51, longitude: 7 };
const outside = { latitude: 51.1, longitude: 7 };
let database: TestDatabase;
let pool: Pool;
let beganMs: number;
let second: number;
let holders: PoolClient[];

const rows = async <T extends object>(sql: string, values: unknown[] = []) => (await database.owner.query<T>(sql, values)).rows;
/** Fixes a second apart, behind those before and behind every fence, wait to be judged. */
async function seen(...positions: object[]): Promise<void> {
  for (const position of positions) {
    second += 1;
    await rows(
      `insert into condition_facts (organisation_id, vehicle, recorded_at, received_at, identity, fact)
       select organisation_id, id, to_timestamp($1::float8 / 1000), now(), 0, $2::jsonb from vehicles where id = 16`,
      [beganMs + second * 1_000, JSON.stringify({ kind: 'fix', ...position })],
    );
  }
}
const judge = () => judgeShard(pool, shard, context, 1_000);
const alerts = async () =>
  (await rows<{ type: string; status: string }>('select type, status from alerts order by opened_at, id')).map(
    ({ type, status }) => `${type} ${status}`,
  );
/** A transaction of the owner, at its first statement. */
async function holding(sql: string): Promise<PoolClient> {
  const client = await database.owner.connect();
  holders.push(client);
  await client.query('begin');
  await client.query(sql);
  return client;
}
const untilSomebodyWaits = () =>
  eventually(
    async () =>
      expect(await rows(`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`)).toHaveLength(1),
    { timeoutMs: 10_000, everyMs: 20 },
  );

beforeAll(async () => {
  database = await scope.database();
  pool = createPool({ url: database.urlFor('milepost_alerts'), app: 'alerts', size: 4, logger });
  scope.onEnd(() => pool.end());
  await rows(
    `insert into vehicles (id, vehicle_id, organisation_id) overriding system value select 16, 'truck-16', id from organisations where name = 'default'`,
  );
});

beforeEach(async () => {
  await rows('truncate alerts, vehicle_conditions, condition_facts, outbox, geofences, vehicle_groups, vehicle_group_members cascade');
  await rows(
    `with made as (insert into vehicle_groups (organisation_id, name) select organisation_id, 'vans' from vehicles returning id, organisation_id),
          member as (insert into vehicle_group_members (group_id, vehicle, organisation_id) select id, 16, organisation_id from made)
     insert into geofences (organisation_id, name, shape, group_id)
     select organisation_id, 'yard', '{"type":"Circle","center":{"latitude":51,"longitude":7},"radiusM":300}', id from made`,
  );
  beganMs = Date.now();
  second = 0;
  holders = [];
});

afterEach(async () => {
  for (const client of holders) client.release(true);
});

describe('a geofence', () => {
  it('that is deleted while its crossing is judged opens nothing', async () => {
    await seen(outside, outside, inside, inside);
    const deleting = await holding('delete from geofences');
    const judged = judge();
    const refused = expect(judged).rejects.toBeInstanceOf(FencesChanged);
    await untilSomebodyWaits();
    await deleting.query('commit');
    await refused;
    await judge();
    expect(await alerts()).toEqual([]);
    expect(await rows('select from condition_facts')).toEqual([]);
  });

  it('that is deleted behind the judgement of a crossing, before that can be seen, leaves no alert open', async () => {
    await seen(outside, outside, inside, inside);
    // Judged, and kept from its commit.
    const keeping = await holding('lock table outbox in exclusive mode');
    const judged = judge();
    await untilSomebodyWaits();
    const deleted = rows('delete from geofences');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await keeping.query('commit');
    await Promise.all([judged, deleted]);
    expect(await alerts()).toEqual(['geofence_enter open']);
    await judge();
    expect(await alerts()).toEqual(['geofence_enter resolved']);
  });

  it('of a group that a vehicle leaves resolves what it had opened, without another fix; of one that comes back it knows nothing', async () => {
    await seen(outside, outside, inside, inside);
    await judge();
    await rows('delete from vehicle_group_members');
    await judge();
    expect(await alerts()).toEqual(['geofence_enter resolved']);
    await rows(`insert into vehicle_group_members (group_id, vehicle, organisation_id) select id, 16, organisation_id from vehicle_groups`);
    await seen(outside, outside);
    await judge();
    expect(await alerts()).toEqual(['geofence_enter resolved']);
  });

  it('that is turned off and on again knows no side from before', async () => {
    await seen(inside, inside);
    await judge();
    await rows('update geofences set enabled = false');
    await rows('update geofences set enabled = true');
    beganMs = Date.now();
    await seen(outside, outside);
    await judge();
    expect(await alerts()).toEqual([]);
    await seen(inside, inside);
    await judge();
    expect(await alerts()).toEqual(['geofence_enter open']);
  });

  it('counts no fix from before it was made, although it comes behind', async () => {
    beganMs = Date.now() - 60_000;
    await seen(outside, outside);
    beganMs = Date.now();
    await seen(inside, inside);
    await judge();
    expect(await alerts()).toEqual([]);
  });
});

it('what takes too long together is judged in smaller pieces', async () => {
  await rows(`create function slow_alert() returns trigger language plpgsql as $$ begin perform pg_sleep(0.03); return new; end $$`);
  await rows('create trigger slow_alert before insert on alerts for each row execute function slow_alert()');
  const hurried = createPool({ url: database.urlFor('milepost_alerts'), app: 'alerts', size: 4, logger, statementTimeoutMs: 400 });
  for (let code = 100; code < 140; code += 1)
    await rows(
      `insert into condition_facts (organisation_id, vehicle, recorded_at, received_at, identity, fact)
       select organisation_id, id, now(), now(), 0, $1::jsonb from vehicles where id = 16`,
      [JSON.stringify({ kind: 'report', dtcs: [{ code: `P0${code}`, status: 'active' }] })],
    );
  const registry = createMetrics('test');
  const running = new ConditionJudge({
    pool: hurried,
    policies: () => context.policies,
    logger,
    metrics: createAlertsMetrics(registry, () => ({ vehicles: new Map(), deadlines: 0, clocks: [] })),
    conditions: createConditionMetrics(registry, hurried),
    onFatal: (error) => expect.unreachable(error.message),
  });
  running.start();
  await eventually(async () => expect(await alerts()).toHaveLength(40), { timeoutMs: 30_000, everyMs: 200 });
  await running.stop();
  await hurried.end();
  await rows('drop function slow_alert cascade');
});
