import { GroupMemberSchema, VehicleGroupSchema } from '@milepost/contracts';
import { useTestScope } from '@milepost/test-support';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, everyPage, expectProblem } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;

beforeAll(async () => {
  api = await apiUnderTest(scope);
  for (const vehicleId of ['truck-1', 'truck-2', 'truck-3']) await api.fleet.vehicle(vehicleId);
  await api.otherFleet.vehicle('foreign');
});

const made = async (name: string) => {
  const { status, body } = await api.call('POST', '/v1/vehicle-groups', { body: { name } });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id as string;
};

describe('groups of vehicles', () => {
  test('a group is made, shown with its members, and listed by name', async () => {
    const tunnel = await made('tunnel route');
    const depot = await made('depot');
    for (const vehicle of ['truck-2', 'truck-1', 'truck-1'])
      expect((await api.call('PUT', `/v1/vehicle-groups/${tunnel}/vehicles/${vehicle}`)).status).toBe(204);

    const listed = await everyPage(api, '/v1/vehicle-groups?limit=1');
    expect(listed.map(({ id, vehicles }) => ({ id, vehicles }))).toEqual([
      { id: depot, vehicles: 0 },
      { id: tunnel, vehicles: 2 },
    ]);
    for (const item of listed) expect([...Value.Errors(VehicleGroupSchema, item)]).toEqual([]);
    expect((await api.get(`/v1/vehicle-groups/${tunnel}`, { key: api.keys.read })).body).toMatchObject({
      name: 'tunnel route',
      vehicles: 2,
    });

    const members = await everyPage(api, `/v1/vehicle-groups/${tunnel}/vehicles?limit=1`);
    expect(members.map(({ vehicleId }) => vehicleId)).toEqual(['truck-1', 'truck-2']);
    for (const item of members) expect([...Value.Errors(GroupMemberSchema, item)]).toEqual([]);

    expect((await api.call('DELETE', `/v1/vehicle-groups/${tunnel}/vehicles/truck-1`)).status).toBe(204);
    expect((await everyPage(api, `/v1/vehicle-groups/${tunnel}/vehicles`)).map(({ vehicleId }) => vehicleId)).toEqual(['truck-2']);
    expect((await api.call('DELETE', `/v1/vehicle-groups/${tunnel}`)).status).toBe(204);
    expectProblem(await api.get(`/v1/vehicle-groups/${tunnel}`), 404, 'group_not_found');
  });

  test.each([
    ['emoji', '🚚'],
    ['letters with marks of their own', 'e\u0301'],
    ['letters that JSON escapes', '"'],
  ])('a name has up to 128 code points, as Postgres counts them, and ends a page: %s', async (_what, letter) => {
    const longest = letter.repeat(128 / [...letter].length);
    const ids = [await made(longest), await made('\u{10ffff}')];
    expect((await everyPage(api, '/v1/vehicle-groups?limit=1')).map(({ name }) => name)).toContain(longest);
    expectProblem(await api.call('POST', '/v1/vehicle-groups', { body: { name: `${longest}x` } }), 400, 'invalid_request');
    for (const id of ids) await api.call('DELETE', `/v1/vehicle-groups/${id}`);
  });

  test('one that something refers to stays where that is asked for, and all that refers to it is named', async () => {
    const group = await made('busy');
    const refused = async () => {
      const answer = await api.call('DELETE', `/v1/vehicle-groups/${group}?ifUnused=true`);
      expectProblem(answer, 409, 'group_in_use');
      return answer.body.detail as string;
    };
    await api.call('PUT', `/v1/policies/groups/${group}`, { body: { settings: { graceSeconds: 60 } } });
    const { body: mute } = await api.call('POST', '/v1/mutes', { body: { groupId: group } });
    const circle = { type: 'Circle', center: { latitude: 1, longitude: 1 }, radiusM: 100 };
    await api.call('POST', '/v1/geofences', { body: { name: 'yard', shape: circle, groupId: group } });
    const { body: webhook } = await api.call('POST', '/v1/webhooks', { body: { url: 'https://example.com/', groupIds: [group] } });
    expect(await refused()).toContain(
      `"busy" is in use by its policy, the mute ${mute.id}, the geofence yard and the webhook ${webhook.id}.`,
    );
    expect((await api.get(`/v1/vehicle-groups/${group}`)).status).toBe(200);

    await api.call('DELETE', `/v1/policies/groups/${group}`);
    await api.call('DELETE', `/v1/mutes/${mute.id}`);
    expect(await refused()).toContain(`in use by the geofence yard and the webhook ${webhook.id}.`);
    await api.call('DELETE', `/v1/webhooks/${webhook.id}`);
    expect(await refused()).toContain('in use by the geofence yard.');
    expect((await api.call('DELETE', `/v1/vehicle-groups/${group}`)).status).toBe(204);

    const idle = await made('idle');
    await api.call('PUT', `/v1/vehicle-groups/${idle}/vehicles/truck-1`);
    expect((await api.call('DELETE', `/v1/vehicle-groups/${idle}?ifUnused=true`)).status).toBe(204);
    expectProblem(await api.call('DELETE', `/v1/vehicle-groups/${idle}?ifUnused=true`), 404, 'group_not_found');
  });

  test('a name is given once in an organisation', async () => {
    await made('ferry');
    expectProblem(await api.call('POST', '/v1/vehicle-groups', { body: { name: 'ferry' } }), 409, 'group_exists');
    expect((await api.call('POST', '/v1/vehicle-groups', { key: api.keys.other, body: { name: 'ferry' } })).status).toBe(201);
  });

  test('neither groups nor vehicles of another organisation are there', async () => {
    const group = await made('ours');
    const { body: theirs } = await api.call('POST', '/v1/vehicle-groups', { key: api.keys.other, body: { name: 'theirs' } });
    expectProblem(await api.get(`/v1/vehicle-groups/${theirs.id}`), 404, 'group_not_found');
    expectProblem(await api.call('DELETE', `/v1/vehicle-groups/${theirs.id}`), 404, 'group_not_found');
    expectProblem(await api.call('PUT', `/v1/vehicle-groups/${theirs.id}/vehicles/truck-1`), 404, 'group_not_found');
    expectProblem(await api.call('PUT', `/v1/vehicle-groups/${group}/vehicles/foreign`), 404, 'vehicle_not_found');
  });

  test('only an admin changes them', async () => {
    const group = await made('guarded');
    for (const key of [api.keys.read, api.keys.alerts, api.keys.webhooks]) {
      expectProblem(await api.call('POST', '/v1/vehicle-groups', { key, body: { name: 'x' } }), 403, 'missing_scope');
      expectProblem(await api.call('PUT', `/v1/vehicle-groups/${group}/vehicles/truck-1`, { key }), 403, 'missing_scope');
    }
  });

  test.each([{}, { name: '' }, { name: 'x'.repeat(129) }, { name: 'a\u0000b' }, { name: 'x', more: 1 }])('refuses %j', async (body) => {
    expectProblem(await api.call('POST', '/v1/vehicle-groups', { body }), 400, 'invalid_request');
  });
});
