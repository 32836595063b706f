import { AlertHistoryEntrySchema, PresenceExplanationSchema } from '@milepost/contracts';
import { createPool } from '@milepost/database';
import { defaultPolicy, fixedPolicy } from '@milepost/presence';
import { createLogger } from '@milepost/runtime';
import { useTestScope } from '@milepost/test-support';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { GeofenceShapes } from '../../../apps/alerts/src/conditions/geofence-shapes.js';
import { judgeShard } from '../../../apps/alerts/src/conditions/judge-shard.js';
import { startProcess, WrittenLog } from '../alerts/written-log.js';
import { type ApiUnderTest, apiUnderTest, everyPage, expectProblem } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;
let times: Record<'connected' | 'lost' | 'later' | 'offline' | 'back' | 'takenOver' | 'conflict' | 'quiet', string>;

beforeAll(async () => {
  api = await apiUnderTest(scope);
  await api.otherFleet.vehicle('foreign');
  const log = new WrittenLog([await startProcess(scope, api.database, 1)], ['a'], 1);
  const now = () => new Date(log.nowMs).toISOString();
  await log.pass(10);
  log.connected(0, 'v', 'c1');
  await log.pass(8);
  const connected = now();
  await log.pass(2);
  log.lost(0, 'v', 'c1');
  await log.pass(10);
  const lost = now();
  await log.pass(10);
  const later = now();
  await log.pass(40);
  const offline = now();
  await log.pass(2);
  log.connected(0, 'v', 'c2');
  await log.pass(10);
  const back = now();
  log.connected(0, 'v', 'c3');
  log.lost(0, 'v', 'c2', 'a', 'default', 'taken_over');
  await log.pass(10);
  const takenOver = now();
  await log.pass(2);
  const refused = { commonName: 'v', organisation: 'default', reason: 'take_over_limit', remedy: '-', count: 1 } as const;
  log.append(0, 'a', { kind: 'refused', at: now(), address: '192.0.2.9', ...refused });
  await log.pass(10);
  const conflict = now();
  await log.pass(620);
  times = { connected, lost, later, offline, back, takenOver, conflict, quiet: now() };
}, 120_000);

const explained = async (at?: string) => {
  const { status, body } = await api.get(`/v1/vehicles/v/presence/explain${at === undefined ? '' : `?at=${at}`}`, { key: api.keys.read });
  expect(status, JSON.stringify(body)).toBe(200);
  expect([...Value.Errors(PresenceExplanationSchema, body)]).toEqual([]);
  return { ...body, codes: body.reasons.map(({ code }: { code: string }) => code) };
};

test('a vehicle is explained as it is, and as it was', async () => {
  expect(await explained()).toMatchObject({
    state: 'online',
    codes: ['connected'],
    connections: [{ id: 'c3', node: 'a', will: false }],
    clock: { partition: 0, behindSeconds: 0 },
    policy: { settings: { graceSeconds: 30 }, sources: { graceSeconds: { kind: 'default' } } },
    alerts: [],
  });
  expect(await explained(times.connected)).toMatchObject({
    state: 'online',
    codes: ['connected'],
    connections: [{ id: 'c1' }],
    alerts: [],
  });
  expect(await explained(times.lost)).toMatchObject({
    state: 'suspect',
    cause: 'network_error',
    codes: ['contact_lost', 'grace_runs'],
    connections: [],
    deadlineClockTime: expect.any(String),
    alerts: [],
  });
  expect(await explained(times.offline)).toMatchObject({
    state: 'offline',
    codes: ['contact_lost', 'alert_open', 'told'],
    alerts: [{ type: 'offline', cause: 'network_error' }],
  });
});

test('of the past the clock is that of then: a grace has run on since contact was lost', async () => {
  const [lost, later] = [await explained(times.lost), await explained(times.later)];
  expect(Date.parse(later.clock.clockTime) - Date.parse(lost.clock.clockTime)).toBe(10_000);
  expect([lost, later].map(({ deadlineClockTime }) => deadlineClockTime)).toEqual([lost.deadlineClockTime, lost.deadlineClockTime]);
  const left = [lost, later].map(({ clock }) => (Date.parse(lost.deadlineClockTime) - Date.parse(clock.clockTime)) / 1_000);
  for (const [index, { reasons }] of [lost, later].entries())
    expect(reasons.at(-1).text).toContain(`Its grace runs for another ${left[index]} s`);
});

test('of the past the open connections are those of then, a take-over later too', async () => {
  const connectionsAt = async (at: string) => (await explained(at)).connections.map(({ id }: { id: string }) => id);
  expect(await connectionsAt(times.back)).toEqual(['c2']);
  expect(await connectionsAt(times.takenOver)).toEqual(['c3']);
});

test('of the past the reasons name the alerts that were open, though the vehicle was online throughout', async () => {
  expect(await explained(times.takenOver)).toMatchObject({ state: 'online', codes: ['connected'], alerts: [] });
  expect(await explained(times.conflict)).toMatchObject({
    state: 'online',
    codes: ['connected', 'identity_conflict', 'told'],
    alerts: [{ type: 'identity_conflict' }],
  });
  expect(await explained(times.quiet)).toMatchObject({ state: 'online', codes: ['connected'], alerts: [] });
});

test('what nobody knows is said, and what belongs to others is not there', async () => {
  expectProblem(await api.get('/v1/vehicles/v/presence/explain?at=2020-01-01T00:00:00Z'), 404, 'presence_not_known');
  expectProblem(await api.get('/v1/vehicles/foreign/presence/explain'), 404, 'vehicle_not_found');
});

test.each(['2026-06-30T23:59:60Z', '0000-01-01T00:00:00Z', 'yesterday'])('explains nothing of %s, which is no time', async (at) => {
  expectProblem(await api.get(`/v1/vehicles/v/presence/explain?at=${at}`), 400, 'invalid_request');
});

test('a time that is to come is refused: nobody knows it', async () => {
  const answer = await api.get('/v1/vehicles/v/presence/explain?at=2130-01-01T00:00:00Z');
  expectProblem(answer, 400, 'invalid_request');
  expect(answer.body.errors).toEqual([{ parameter: 'at', code: 'in_future', message: expect.any(String) }]);
});

test('an alert has its whole history, step by step, with who', async () => {
  const [alert] = (await api.get('/v1/alerts?type=offline')).body.items;
  expect((await api.get(`/v1/alerts/${alert.id}`)).body).toEqual(alert);
  const history = await everyPage(api, `/v1/alerts/${alert.id}/history?limit=1`);
  for (const entry of history) expect([...Value.Errors(AlertHistoryEntrySchema, entry)]).toEqual([]);
  expect(history.map(({ step, actor }) => `${step} ${actor}`)).toEqual(['open milepost', 'notified milepost', 'resolved milepost']);
  const unknown = '00000000-0000-7000-8000-000000000000';
  expectProblem(await api.get(`/v1/alerts/${unknown}`), 404, 'alert_not_found');
  expectProblem(await api.get(`/v1/alerts/${unknown}/history`), 404, 'alert_not_found');
  expectProblem(await api.get(`/v1/alerts/${alert.id}`, { key: api.keys.other }), 404, 'alert_not_found');
});

test('alerts that would be too long together are left out, from the newest on', async () => {
  const { rows } = await api.database.owner.query<{ id: number }>(`select id from vehicles where vehicle_id = 'v'`);
  const ids: string[] = [];
  for (let n = 0; n < 4; n += 1) {
    const lastPosition = { attributes: { value: 'x'.repeat(12 * 1024 * 1024) } };
    const openedAt = new Date(Date.now() - (10 - n) * 1_000);
    ids.push(await api.fleet.alert({ vehicle: rows[0]?.id, type: 'dtc', key: `P000${n}`, openedAt, lastPosition }));
  }
  const { alerts } = (await api.get('/v1/vehicles/v/presence/explain')).body;
  expect(alerts.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
  await api.database.owner.query('delete from alerts where id = any ($1)', [ids]);
});

describe('conditions', () => {
  const ofType = (body: { conditions: { types: { type: string; reasons: { code: string }[] }[] } }, type: string) => {
    const one = body.conditions.types.find((explanation) => explanation.type === type);
    return { ...one, codes: one?.reasons.map(({ code }) => code) };
  };
  let judgedAt: string;

  beforeAll(async () => {
    const { owner } = api.database;
    const { rows } = await owner.query<{ id: number; organisation_id: number }>(
      `select id, organisation_id from vehicles where vehicle_id = 'v'`,
    );
    const vehicle = rows[0]?.id ?? 0;
    const nowMs = Date.now();
    const report = (seconds: number, fact: object) =>
      owner.query(
        `insert into condition_facts (organisation_id, vehicle, recorded_at, received_at, identity, fact) values ($1, $2, to_timestamp($3::float8 / 1000), now(), 0, $4)`,
        [rows[0]?.organisation_id, vehicle, nowMs + seconds * 1_000, JSON.stringify(fact)],
      );
    await api.call('POST', '/v1/geofences', {
      body: { name: 'yard', alertOn: 'enter', shape: { type: 'Circle', center: { latitude: 51, longitude: 7 }, radiusM: 300 } },
    });
    await report(1, { kind: 'report', volts: 11.2, dtcs: [{ code: 'P0420', status: 'active' }] });
    await report(2, { kind: 'report', volts: 11.1 });
    for (const [second, latitude] of [51.1, 51.1, 51].entries()) await report(3 + second, { kind: 'fix', latitude, longitude: 7 });
    const pool = createPool({
      url: api.database.urlFor('milepost_alerts'),
      app: 'alerts',
      size: 2,
      logger: createLogger({ app: 'test', level: 'silent' }),
    });
    scope.onEnd(() => pool.end());
    const context = { policies: fixedPolicy(defaultPolicy), shapes: new GeofenceShapes() };
    await judgeShard(pool, vehicle % 16, context, 100);
    judgedAt = new Date().toISOString();
  });

  test('of a vehicle are explained: what is open, and what keeps the others from opening', async () => {
    const now = await explained();
    expect(now.conditions.judgedAt).toEqual(expect.any(String));
    const { items } = (await api.get('/v1/alerts?type=dtc')).body;
    expect(ofType(now, 'dtc')).toMatchObject({
      armed: true,
      muted: false,
      alertIds: [items[0].id],
      codes: ['dtc_active', 'alert_open', 'told'],
    });
    expect(ofType(now, 'battery_low')).toMatchObject({ alertIds: [], codes: ['battery_falling'], lastRecordedAt: expect.any(String) });
    expect(ofType(now, 'geofence_enter')).toMatchObject({ codes: ['side_changing'] });
    expect(ofType(now, 'geofence_exit')).toMatchObject({ codes: ['no_geofence'] });
    expect(ofType(now, 'crash')).toMatchObject({ codes: ['nothing_known'] });
  });

  test('that the policy leaves out, and that a mute keeps silent, say so', async () => {
    await api.call('PUT', '/v1/policies/vehicles/v', { body: { settings: { conditionsOff: ['battery_low'] } } });
    const { body: mute } = await api.call('POST', '/v1/mutes', { body: { vehicleId: 'v', types: ['dtc'] } });
    const now = await explained();
    expect(ofType(now, 'battery_low')).toMatchObject({ armed: false, codes: ['policy_off', 'battery_falling'] });
    expect(ofType(now, 'dtc')).toMatchObject({ armed: true, muted: true });
    expect(ofType(now, 'dtc')).not.toHaveProperty('mutedUntil');
    await api.call('DELETE', `/v1/mutes/${mute.id}`);
    await api.call('DELETE', '/v1/policies/vehicles/v');
  });

  test('of a time before the last judgement have the alerts of then, and say that the rest is not kept', async () => {
    expect(ofType(await explained(judgedAt), 'battery_low')).toMatchObject({ codes: ['battery_falling'] });
    const before = await explained(times.back);
    expect(before.conditions).not.toHaveProperty('judgedAt');
    expect(ofType(before, 'dtc')).toMatchObject({ armed: true, alertIds: [], codes: ['not_kept'] });
  });
});
