import { EffectivePolicySchema, MuteSchema, PolicySchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, everyPage, expectProblem } from './api-under-test.js';

const { alertHistory } = schema;
const scope = useTestScope();
let api: ApiUnderTest;
let truck: number;
let group: string;
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

beforeAll(async () => {
  api = await apiUnderTest(scope);
  truck = await api.fleet.vehicle('truck-1');
  await api.fleet.vehicle('truck-2');
  await api.otherFleet.vehicle('foreign');
  group = (await api.call('POST', '/v1/vehicle-groups', { body: { name: 'tunnel' } })).body.id;
  await api.call('PUT', `/v1/vehicle-groups/${group}/vehicles/truck-1`);
});

const put = (target: string, settings: object, more: object = {}) =>
  api.call('PUT', `/v1/policies/${target}`, { body: { settings, ...more } });
const effective = async (vehicle: string) => {
  const { status, body } = await api.get(`/v1/vehicles/${vehicle}/policy`, { key: api.keys.read });
  expect(status, JSON.stringify(body)).toBe(200);
  expect([...Value.Errors(EffectivePolicySchema, body)]).toEqual([]);
  return body;
};

describe('policies', () => {
  test('what holds for a vehicle is shown with where each value comes from', async () => {
    await api.database.owner.query(
      `insert into policy_changes (change) values ('{"kind":"base","settings":{"graceSeconds":20,"nodeGraceSeconds":140}}')`,
    );
    const said = await put('organisation', { nodeGraceSeconds: 200, renotifySeconds: 600, severity: { offline: 'warning' } });
    expect(said).toMatchObject({ status: 200, body: { scope: 'organisation', updatedBy: 'test admin' } });
    expect((await put(`groups/${group}`, { deadZoneGraceSeconds: 900, renotifySeconds: 1200 }, { priority: 3 })).body).toMatchObject({
      scope: 'group',
      groupId: group,
      priority: 3,
    });
    expect((await put('vehicles/truck-1', { renotifySeconds: 0 })).body).toMatchObject({ scope: 'vehicle', vehicleId: 'truck-1' });

    expect(await effective('truck-1')).toMatchObject({
      settings: {
        graceSeconds: 20,
        nodeGraceSeconds: 200,
        deadZoneGraceSeconds: 900,
        renotifySeconds: 0,
        silentAfterSeconds: 900,
        severity: { offline: 'warning' },
      },
      sources: {
        graceSeconds: { kind: 'configuration' },
        nodeGraceSeconds: { kind: 'organisation' },
        deadZoneGraceSeconds: { kind: 'group', groupId: group },
        renotifySeconds: { kind: 'vehicle' },
        silentAfterSeconds: { kind: 'default' },
        'severity.offline': { kind: 'organisation' },
      },
    });
    expect(await effective('truck-2')).toMatchObject({ settings: { renotifySeconds: 600, deadZoneGraceSeconds: 0 } });

    const listed = await everyPage(api, '/v1/policies?limit=1');
    expect(listed.map(({ scope: of }) => of)).toEqual(['organisation', 'group', 'vehicle']);
    for (const item of listed) expect([...Value.Errors(PolicySchema, item)]).toEqual([]);
  });

  test('every change is a fact of the log, in its order, with what was said', async () => {
    const facts = async () =>
      (await api.database.owner.query<{ id: string; change: { kind: string } }>('select id, change from policy_changes order by id')).rows;
    const before = (await facts()).length;
    await put('vehicles/truck-2', { graceSeconds: 5 });
    await put('vehicles/truck-2', { graceSeconds: 6 });
    await api.call('DELETE', '/v1/policies/vehicles/truck-2');
    expectProblem(await api.get('/v1/policies/vehicles/truck-2'), 404, 'policy_not_found');
    const doomed = (await api.call('POST', '/v1/vehicle-groups', { body: { name: 'doomed' } })).body.id;
    await put(`groups/${doomed}`, { graceSeconds: 7 });
    await api.call('PUT', `/v1/vehicle-groups/${doomed}/vehicles/truck-2`);
    await api.call('DELETE', `/v1/vehicle-groups/${doomed}`);
    const written = (await facts()).slice(before).map(({ change }) => change);
    expect(written.slice(0, 5)).toMatchObject([
      { kind: 'policy', scope: 'vehicle', settings: { graceSeconds: 5 } },
      { kind: 'policy', scope: 'vehicle', settings: { graceSeconds: 6 } },
      { kind: 'policy', scope: 'vehicle', settings: null },
      { kind: 'policy', scope: 'group', groupId: doomed, settings: { graceSeconds: 7 } },
      { kind: 'member', groupId: doomed, member: true },
    ]);
    expect(written.slice(5)).toHaveLength(2);
    expect(written.slice(5)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'member', member: false }),
        expect.objectContaining({ kind: 'policy', settings: null }),
      ]),
    );
  });

  test('only an admin says something, and nobody of another organisation', async () => {
    for (const key of [api.keys.read, api.keys.alerts])
      expectProblem(await api.call('PUT', '/v1/policies/organisation', { key, body: { settings: {} } }), 403, 'missing_scope');
    expectProblem(
      await api.call('PUT', `/v1/policies/groups/${group}`, { key: api.keys.other, body: { settings: {} } }),
      404,
      'group_not_found',
    );
    expectProblem(await put('vehicles/foreign', {}), 404, 'vehicle_not_found');
    expectProblem(await api.get('/v1/vehicles/foreign/policy'), 404, 'vehicle_not_found');
  });

  test.each([
    [{ graceSeconds: -1 }],
    [{ graceSeconds: 1.5 }],
    [{ grace: 1 }],
    [{ severity: { offline: 'loud' } }],
    [{ maintenanceWindows: [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }] }],
    [{ maintenanceWindows: [{ from: '2026-06-30T23:59:60Z', to: '2026-07-01T00:00:00Z' }] }],
    [{ maintenanceWindows: [{ weekdays: ['monday'], start: '25:00', durationMinutes: 60, timeZone: 'Europe/Berlin' }] }],
    [{ maintenanceWindows: [{ weekdays: ['monday'], start: '22:00', durationMinutes: 60, timeZone: 'Moon/Sea' }] }],
  ])('refuses %j and names what is wrong', async (settings) => {
    const answer = await put('organisation', settings);
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors[0].pointer).toMatch(/^\/settings/);
  });
});

describe('mutes', () => {
  test('of a group stand with the policy of its vehicles until they are deleted', async () => {
    const { status, body } = await api.call('POST', '/v1/mutes', {
      key: api.keys.alerts,
      body: { groupId: group, until: inAnHour(), reason: 'works' },
    });
    expect(status, JSON.stringify(body)).toBe(201);
    expect([...Value.Errors(MuteSchema, body)]).toEqual([]);
    expect(body).toMatchObject({ scope: 'group', groupId: group, createdBy: 'night shift', reason: 'works' });
    expect(await effective('truck-1')).toMatchObject({ mutes: [{ id: body.id }], mutedUntil: body.until });
    expect(await effective('truck-2')).toMatchObject({ mutes: [] });
    expect((await effective('truck-2')).mutedUntil).toBeUndefined();
    expect((await everyPage(api, '/v1/mutes?limit=1')).map(({ id }) => id)).toContain(body.id);
    expect((await api.call('DELETE', `/v1/mutes/${body.id}`, { key: api.keys.alerts })).status).toBe(204);
    expectProblem(await api.call('DELETE', `/v1/mutes/${body.id}`), 404, 'mute_not_found');
    expect(await effective('truck-1')).toMatchObject({ mutes: [] });
  });

  test('of some types do not mute the others', async () => {
    const { body } = await api.call('POST', '/v1/mutes', { body: { vehicleId: 'truck-2', types: ['silent'] } });
    const policy = await effective('truck-2');
    expect(policy.mutes).toMatchObject([{ id: body.id, types: ['silent'] }]);
    expect(policy.mutedUntil).toBeUndefined();
  });

  test('of the whole organisation without an end is made only where that is said', async () => {
    for (const body of [{}, { reason: 'works' }, { from: inAnHour() }, { types: ['silent'] }]) {
      const answer = await api.call('POST', '/v1/mutes', { body });
      expectProblem(answer, 400, 'invalid_request');
      expect(answer.body.errors).toMatchObject([{ pointer: '/scope', message: expect.stringContaining('"organisation"') }]);
    }
    for (const body of [{ scope: 'organisation' }, { until: inAnHour() }]) {
      const { status, body: mute } = await api.call('POST', '/v1/mutes', { body });
      expect(status, JSON.stringify(mute)).toBe(201);
      expect(mute.scope).toBe('organisation');
      await api.call('DELETE', `/v1/mutes/${mute.id}`);
    }
  });

  test.each([
    [{ scope: 'vehicle', until: '2900-01-01T00:00:00Z' }, 'says vehicle, and the body names no group and no vehicle'],
    [{ scope: 'organisation', vehicleId: 'truck-1' }, 'says organisation, and the body names a vehicle'],
    [{ scope: 'vehicle', groupId: 'g' }, 'says vehicle, and the body names a group'],
  ])('whose scope is another than what the body names is refused: %j', async (body, message) => {
    const answer = await api.call('POST', '/v1/mutes', { body });
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors).toMatchObject([{ pointer: '/scope', message }]);
  });

  test('a snooze is of one alert, and stands in its history', async () => {
    const alert = await api.fleet.alert({ vehicle: truck });
    const { status, body } = await api.call('POST', `/v1/alerts/${alert}/snooze`, {
      key: api.keys.alerts,
      body: { until: inAnHour(), reason: 'known' },
    });
    expect(status, JSON.stringify(body)).toBe(201);
    expect(body).toMatchObject({ scope: 'vehicle', vehicleId: 'truck-1', alertId: alert, types: ['offline'] });
    const history = await api.fleet.db.select().from(alertHistory);
    expect(history).toMatchObject([{ alertId: alert, status: 'snoozed', actor: 'night shift', note: 'known' }]);
    expect((await api.call('DELETE', `/v1/mutes/${body.id}`)).status).toBe(204);
    const { items } = (await api.get(`/v1/alerts/${alert}/history`)).body;
    expect(items.at(-1)).toEqual({ at: expect.any(String), step: 'unsnoozed', actor: 'test admin' });
    expectProblem(
      await api.call('POST', `/v1/alerts/${alert}/snooze`, { body: { until: '2020-01-01T00:00:00Z' } }),
      400,
      'invalid_request',
    );
    expectProblem(
      await api.call('POST', `/v1/alerts/${alert}/snooze`, { key: api.keys.other, body: { until: inAnHour() } }),
      404,
      'alert_not_found',
    );
    expectProblem(
      await api.call('POST', `/v1/alerts/${alert}/snooze`, { key: api.keys.read, body: { until: inAnHour() } }),
      403,
      'missing_scope',
    );
  });

  test('an alert that is deleted takes its history along, and a snooze that goes on', async () => {
    const alert = await api.fleet.alert({ vehicle: truck, type: 'silent' });
    const { body } = await api.call('POST', `/v1/alerts/${alert}/snooze`, { body: { until: '2900-01-01T00:00:00Z' } });
    const { owner } = api.database;
    await owner.query(`update alerts set status = 'resolved', resolved_at = '2020-01-01' where id = $1`, [alert]);
    await owner.query(`delete from alerts where resolved_at < now() - interval '400 days'`);
    expect((await owner.query('select 1 from alert_history where alert_id = $1', [alert])).rows).toEqual([]);
    expect((await api.get('/v1/mutes')).body.items.map(({ id }: { id: string }) => id)).not.toContain(body.id);
  });

  test.each([
    [{ groupId: 'g', vehicleId: 'v' }],
    [{ until: '2020-01-01T00:00:00Z' }],
    [{ types: [] }],
    // A leap second and years that no Date, or no Postgres, holds.
    [{ until: '2030-06-30T23:59:60Z' }],
    [{ from: '0000-01-01T00:00:00Z' }],
    [{ until: '9999-12-31T23:59:59-23:59' }],
    [{ from: '2030-01-02T00:00:00Z', until: '2030-01-01T00:00:00Z' }],
  ])('refuses %j', async (body) => {
    expectProblem(await api.call('POST', '/v1/mutes', { body }), 400, 'invalid_request');
  });
});
