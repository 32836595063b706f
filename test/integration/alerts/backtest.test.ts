import { createPool, readPolicyChanges } from '@milepost/database';
import { type PolicyChange, type PolicySubject, RecordedPolicies } from '@milepost/presence';
import { createLogger } from '@milepost/runtime';
import { type TestDatabase, useTestScope } from '@milepost/test-support';
import type pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { PolicyFeed } from '../../../apps/alerts/src/policies/policy-feed.js';
import { trimPolicies } from '../../../apps/alerts/src/upkeep/upkeep.js';
import { backtest } from '../../../apps/cli/src/backtest/backtest.js';
import type { Compared } from '../../../apps/cli/src/backtest/comparison.js';
import { startProcess, WrittenLog } from './written-log.js';

const scope = useTestScope();
const PARTITIONS = 2;
const logger = createLogger({ app: 'test', level: 'silent' });
const stormMembers = Array.from({ length: 30 }, (_, index) => `v${index + 30}`);
const partitionOf = (vehicle: string) => Number(vehicle.slice(1)) % PARTITIONS;

let database: TestDatabase;
let pool: pg.Pool;
let alertsPool: pg.Pool;
let log: WrittenLog;
let feed: PolicyFeed;
/** Log time: behind the first snapshots, and behind those of the next day. */
let sinceMs: number;
let nextDayMs: number;

const offlineOf = (alerts: readonly Compared[]) => (vehicle: string) =>
  alerts.filter(({ real, replayed }) => (replayed ?? real)?.vehicleId === vehicle && (replayed ?? real)?.type === 'offline');
const rows = async <T extends object>(sql: string, values: unknown[] = []) => (await database.owner.query(sql, values)).rows as T[];
const connect = (vehicle: string, id: string, node = 'a') => log.connected(partitionOf(vehicle), vehicle, `${vehicle}-${id}`, node);
const lose = (vehicle: string, id: string, node = 'a', cause: Parameters<WrittenLog['lost']>[5] = 'network_error') =>
  log.lost(partitionOf(vehicle), vehicle, `${vehicle}-${id}`, node, 'default', cause);
const policy = async (settings: object) => {
  await rows(
    `insert into alert_policies (organisation_id, scope, settings, updated_by) select id, 'organisation', $1, 'test' from organisations where name = 'default'
     on conflict (organisation_id) where scope = 'organisation' do update set settings = excluded.settings`,
    [JSON.stringify(settings)],
  );
  await feed.look();
};
const mute = async (vehicle: string, seconds: number) => {
  await rows(
    `insert into alert_mutes (organisation_id, scope, vehicle, starts_at, ends_at, created_by)
     select organisation_id, 'vehicle', id, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), 'test' from vehicles where vehicle_id = $1`,
    [vehicle, log.nowMs, log.nowMs + seconds * 1_000],
  );
  await feed.look();
};

/** Time passes while ingest works: every vehicle reports every five minutes, but for one. */
async function pass(seconds: number, heldBack: number[] = []): Promise<void> {
  for (let left = seconds; left > 0; left -= 300) {
    await rows(
      `insert into latest_positions (vehicle, organisation_id, last_contact_at, last_report_at)
       select id, organisation_id, to_timestamp($1::float8 / 1000), to_timestamp($1::float8 / 1000) from vehicles where vehicle_id <> 'v16'
       on conflict (vehicle) do update set last_report_at = excluded.last_report_at`,
      [log.nowMs],
    );
    await rows(
      `insert into locations (vehicle, organisation_id, recorded_at, identity, received_at, fix_valid, source_partition, source_offset, feed_epoch)
       select id, organisation_id, to_timestamp($1::float8 / 1000), 1, to_timestamp($1::float8 / 1000), false, 0, 0, 0 from vehicles where vehicle_id <> 'v16'
       on conflict do nothing`,
      [log.nowMs],
    );
    await rows(
      `insert into kafka_offsets (consumer, cluster_id, topic, partition, next_offset, complete_until)
       select 'ingest', 'test-cluster', topic, partition, 0, now()
         from unnest(array['fleet.location', 'fleet.diagnostics']) topic cross join generate_series(0, $1::int - 1) partition
       on conflict (consumer, cluster_id, topic, partition) do update set complete_until = excluded.complete_until`,
      [PARTITIONS],
    );
    await log.pass(Math.min(left, 300), heldBack);
  }
}

beforeAll(async () => {
  database = await scope.database();
  pool = createPool({ url: database.ownerUrl, app: 'test', size: 2, logger, readOnly: true });
  scope.onEnd(() => pool.end());
  alertsPool = createPool({ url: database.urlFor('milepost_alerts'), app: 'test', size: 1, logger });
  scope.onEnd(() => alertsPool.end());
  feed = new PolicyFeed({ pool: alertsPool, base: { graceSeconds: 30, nodeGraceSeconds: 40 }, logger });
  await feed.start();
  await feed.stop();
  await settledLongAgo();
  await rows(`select ensure_partition('locations', day) from unnest(array['2026-03-01', '2026-03-02']::date[]) day`);
  const process = () => startProcess(scope, database, PARTITIONS, () => feed.book);
  log = new WrittenLog([await process(), await process()], ['a', 'b'], PARTITIONS);
  log.nowMs = Date.parse('2026-03-01T23:50:00Z');
  await aDayAndTheNext(process);
}, 180_000);

/** What was said, and mostly taken back, before anything was recorded: it would change every alert if it came to life again. */
async function settledLongAgo(): Promise<void> {
  await rows(
    `insert into vehicles (vehicle_id, organisation_id) select v, id from organisations, unnest(array['v10', 'v21']) v where name = 'default'`,
  );
  await policy({ graceSeconds: 11 });
  await policy({ graceSeconds: 500, requiresWill: true });
  await rows(`insert into vehicle_groups (organisation_id, name) select id, 'former' from organisations where name = 'default'`);
  await rows(
    `insert into vehicle_group_members (group_id, vehicle, organisation_id) select g.id, v.id, v.organisation_id from vehicle_groups g, vehicles v`,
  );
  await rows(
    `insert into alert_policies (organisation_id, scope, group_id, settings, updated_by) select organisation_id, 'group', id, '{"severity":{"offline":"info"}}', 'test' from vehicle_groups`,
  );
  await rows(
    `insert into alert_mutes (organisation_id, scope, vehicle, ends_at, created_by) select organisation_id, 'vehicle', id, '2027-01-01', 'test' from vehicles where vehicle_id = 'v21'`,
  );
  await rows('delete from alert_mutes');
  await rows(`delete from vehicle_group_members where vehicle = (select id from vehicles where vehicle_id = 'v21')`);
  await rows(`delete from alert_policies where scope = 'organisation'`);
  await feed.look();
}

/** From ten to midnight until an hour later: everything that may enter the machine. */
async function aDayAndTheNext(process: () => ReturnType<typeof startProcess>): Promise<void> {
  await pass(4);
  for (let index = 0; index < 60; index += 1) connect(`v${index}`, '1', index < 4 ? 'b' : 'a');
  await pass(10);
  sinceMs = log.nowMs;

  // A cut with its will; one that is back within its grace; a clean leave.
  lose('v10', '1');
  log.append(0, 'a', {
    kind: 'will',
    vehicleId: 'v10',
    organisation: 'default',
    connectionId: 'v10-1',
    topic: 'fleet/v10/status',
    payloadBase64: 'Z29uZQ==',
  });
  lose('v11', '1');
  lose('v12', '1', 'a', 'client_disconnect');
  await pass(20);
  connect('v11', '2');
  await pass(30);
  connect('v10', '2');

  // A policy that changes within a grace, a mute that ends, and a window.
  lose('v13', '1');
  await pass(10);
  await policy({ graceSeconds: 60 });
  await mute('v14', 150);
  lose('v14', '1');
  await pass(80);
  const window = { from: new Date(log.nowMs).toISOString(), to: new Date(log.nowMs + 120_000).toISOString() };
  await policy({ graceSeconds: 30, renotifySeconds: 60, maintenanceWindows: [window] });
  lose('v15', '1');
  await pass(60);

  // The processes change hands, one dies; then a node goes away with what it holds, and comes back.
  await log.move(0, log.processes[1] as Awaited<ReturnType<typeof process>>);
  await log.move(1, await process());
  log.silent.add('b');
  await pass(80);
  log.silent.delete('b');
  for (const vehicle of ['v0', 'v1', 'v2']) connect(vehicle, '2');
  await pass(10);

  // An incident over midnight, with one partition held back for a while; most return, two do not.
  while (log.nowMs < Date.parse('2026-03-01T23:59:00Z')) await pass(20);
  lose('v17', '1');
  await pass(10);
  for (const vehicle of stormMembers) lose(vehicle, '1');
  await pass(20, [1]);
  await log.apply();
  await pass(60);
  for (const vehicle of stormMembers.slice(2)) connect(vehicle, '2');
  await log.move(0, await process());
  while (log.nowMs < Date.parse('2026-03-02T00:31:00Z')) await pass(60);
  nextDayMs = log.nowMs;

  // The next day: the same fault again and again, two clients with one identity, one put out.
  for (let close = 0; close < 6; close += 1) {
    connect('v18', `f${close}`);
    await pass(4);
    lose('v18', `f${close}`, 'a', 'protocol_error');
    await pass(4);
  }
  log.append(1, 'a', {
    kind: 'refused',
    at: new Date(log.nowMs).toISOString(),
    address: '192.0.2.9',
    commonName: 'v19',
    organisation: 'default',
    reason: 'take_over_limit',
    remedy: '-',
    count: 1,
  });
  lose('v20', '1', 'a', 'revoked');
  lose('v21', '1');
  await pass(40);
  connect('v21', '2');
  lose('v22', '1');
  await pass(20);
  connect('v22', '2');
  await pass(700);
}

describe('a backtest', () => {
  it('with the policies, mutes and windows as they were gives exactly the real alerts and incidents', async () => {
    const result = await backtest(pool, { sinceMs });
    expect(result.alerts.filter(({ verdict }) => verdict !== 'same')).toEqual([]);
    const [real] = await rows<{ alerts: number; told: number; causes: string[] }>(
      `select count(*)::int as alerts, count(notified_at)::int as told, array_agg(distinct type || '/' || coalesce(cause, '')) as causes from alerts`,
    );
    expect(result.alerts).toHaveLength(real?.alerts ?? -1);
    expect(real?.causes).toEqual(
      expect.arrayContaining([
        'offline/network_error',
        'offline/node_lost',
        'offline/revoked',
        'misconfigured/protocol_error',
        'identity_conflict/take_over_limit',
        'silent/',
      ]),
    );
    expect(result.incidents.replayed).toHaveLength(1);
    expect(result.incidents.replayed.map(({ openedClockMs, ...incident }) => incident)).toMatchObject(
      result.incidents.real.map(({ openedClockMs, ...incident }) => incident),
    );
    expect(result.incidents.real[0]?.members.size).toBeGreaterThanOrEqual(30);
  });

  it('begins with the newest snapshots before its time, however much stands before them', async () => {
    const result = await backtest(pool, { sinceMs: nextDayMs });
    expect(result.fromMs).toBeGreaterThanOrEqual(Date.parse('2026-03-02T00:00:00Z') - 10_000);
    expect(result.batches).toBeLessThan((await backtest(pool, { sinceMs })).batches);
    expect(result.alerts.filter(({ verdict }) => verdict !== 'same')).toEqual([]);
    expect(result.alerts.map(({ real }) => real?.vehicleId)).toEqual(expect.arrayContaining(['v18', 'v19', 'v20', 'v21']));
  });

  it('is as exact when the log of policy changes has been trimmed to what the snapshots need', async () => {
    const before = await readPolicyChanges<PolicyChange>(pool);
    const [oldest] = await rows<{ version: number }>('select min(policy_version)::int as version from presence_snapshots');
    // As if all of it were old: what the batches behind the snapshots were judged by must stay all the same.
    await rows(`update policy_changes set at = at - interval '40 days'`);
    await trimPolicies(alertsPool);
    const after = await readPolicyChanges<PolicyChange>(pool);
    const settled = after.filter(({ id }) => id <= (oldest?.version ?? 0)).map(({ change }) => change);
    expect(settled.map(({ kind }) => kind).sort()).toEqual(['base', 'member', 'policy']);
    expect(after.filter(({ id }) => id > (oldest?.version ?? 0))).toEqual(before.filter(({ id }) => id > (oldest?.version ?? 0)));
    const subjects = await rows<PolicySubject>('select id as vehicle, organisation_id as "organisationId" from vehicles');
    const [was, is] = [new RecordedPolicies(before), new RecordedPolicies(after)];
    for (const { id } of before.filter((one) => one.id >= (oldest?.version ?? 0)))
      for (const subject of subjects) expect(is.at(id).resolve(subject)).toEqual(was.at(id).resolve(subject));
    const result = await backtest(pool, { sinceMs });
    expect(result.alerts.length).toBeGreaterThan(10);
    expect(result.alerts.filter(({ verdict }) => verdict !== 'same')).toEqual([]);
  });

  it('up to a time shows alerts as they stood then', async () => {
    const untilMs = sinceMs + 48_000;
    const { alerts } = await backtest(pool, { sinceMs, untilMs });
    expect(alerts).toMatchObject([{ verdict: 'same', replayed: { vehicleId: 'v10', type: 'offline', resolvedAtMs: undefined } }]);
  });

  it('with a stricter policy opens what was back in time, and opens earlier what was not', async () => {
    const [organisation] = await rows<{ id: number }>(`select id from organisations where name = 'default'`);
    const said = { organisationId: organisation?.id ?? 0, scope: 'organisation' as const, priority: 0, settings: { graceSeconds: 5 } };
    const { alerts } = await backtest(pool, { sinceMs: nextDayMs, policies: { insteadOf: () => true, said: [said] } });
    const of = offlineOf(alerts);
    expect(of('v22')).toMatchObject([{ verdict: 'only with this policy', replayed: { cause: 'network_error' } }]);
    const [cut] = of('v21');
    expect(cut).toMatchObject({ verdict: 'other time' });
    expect((cut?.real?.openedAtMs ?? 0) - (cut?.replayed?.openedAtMs ?? 0)).toBeGreaterThan(20_000);
    expect(cut?.replayed?.resolvedAtMs).toBe(cut?.real?.resolvedAtMs);
    expect(of('v20')).toMatchObject([{ verdict: 'same' }]);
    // Who reports is not silent under it either; who does not has been since before.
    expect(alerts.filter(({ real, replayed }) => (replayed ?? real)?.type === 'silent')).toEqual([]);
  });

  it('with a policy that waits longer leaves out what was back by then, and one incident as it was', async () => {
    const [organisation] = await rows<{ id: number }>(`select id from organisations where name = 'default'`);
    const said = { organisationId: organisation?.id ?? 0, scope: 'organisation' as const, priority: 0, settings: { graceSeconds: 45 } };
    const { alerts, incidents } = await backtest(pool, { sinceMs, policies: { insteadOf: () => true, said: [said] } });
    const of = offlineOf(alerts);
    expect(of('v21')).toMatchObject([{ verdict: 'only in reality' }]);
    expect(incidents.replayed).toHaveLength(1);
    expect([...(incidents.replayed[0]?.members ?? [])]).toEqual(expect.arrayContaining(stormMembers));
  });

  it('before the first snapshot is refused with the oldest possible time', async () => {
    const [oldest] = await rows<{ at: number }>(
      'select max(at) as at from (select min(log_time_ms) as at from presence_snapshots group by presence_partition) s',
    );
    await expect(backtest(pool, { sinceMs: sinceMs - 3_600_000 })).rejects.toThrow(new Date(oldest?.at ?? 0).toISOString());
  });

  it('over a history with a hole says where, and shows nothing', async () => {
    const [gone] = await rows<{ id: string }>('select id from presence_batches where presence_partition = 0 order by id offset 40 limit 1');
    await rows('delete from presence_batches where id = $1', [gone?.id]);
    await expect(backtest(pool, { sinceMs })).rejects.toThrow(/partition 0 has a hole before 2026-03-01T23:5/);
  });
});
