import { GeofenceSchema } from '@milepost/contracts';
import { eventually, useTestScope } from '@milepost/test-support';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, everyPage, expectProblem } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;

beforeAll(async () => {
  api = await apiUnderTest(scope);
});

const circle = { type: 'Circle', center: { latitude: 52.5, longitude: 13.4 }, radiusM: 300 };
const ring = (west: number, east: number) => [
  [west, 51],
  [east, 51],
  [east, 51.1],
  [west, 51.1],
  [west, 51],
];
const made = async (name: string, more: object = {}) => {
  const { status, body } = await api.call('POST', '/v1/geofences', { body: { name, shape: circle, ...more } });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id as string;
};

describe('geofences', () => {
  test('are made, shown, changed, listed by name and deleted', async () => {
    const yard = await made('yard', { shape: { type: 'Polygon', coordinates: [ring(7, 7.1)] }, alertOn: 'exit', description: 'home' });
    const depot = await made('depot');
    const listed = await everyPage(api, '/v1/geofences?limit=1');
    expect(listed.map(({ id, alertOn, enabled }) => ({ id, alertOn, enabled }))).toEqual([
      { id: depot, alertOn: 'both', enabled: true },
      { id: yard, alertOn: 'exit', enabled: true },
    ]);
    for (const item of listed) expect([...Value.Errors(GeofenceSchema, item)]).toEqual([]);
    const changed = await api.call('PATCH', `/v1/geofences/${yard}`, { body: { name: 'home yard', enabled: false } });
    expect(changed.body).toMatchObject({ id: yard, name: 'home yard', enabled: false, alertOn: 'exit', description: 'home' });
    expect((await api.get(`/v1/geofences/${yard}`, { key: api.keys.read })).body).toEqual(changed.body);
    expect((await api.call('DELETE', `/v1/geofences/${yard}`)).status).toBe(204);
    expectProblem(await api.get(`/v1/geofences/${yard}`), 404, 'geofence_not_found');
  });

  test('a name is given once in an organisation, and only admins make and change them', async () => {
    const ferry = await made('ferry');
    await made('quay');
    expectProblem(await api.call('POST', '/v1/geofences', { body: { name: 'ferry', shape: circle } }), 409, 'geofence_exists');
    expectProblem(await api.call('PATCH', `/v1/geofences/${ferry}`, { body: { name: 'quay' } }), 409, 'geofence_exists');
    expect((await api.call('PATCH', `/v1/geofences/${ferry}`, { body: { name: 'ferry' } })).status).toBe(200);
    expect((await api.call('POST', '/v1/geofences', { key: api.keys.read, body: { name: 'x', shape: circle } })).status).toBe(403);
  });

  test('one that is deleted while it is changed is not there', async () => {
    const id = await made('short-lived');
    const other = await api.database.owner.connect();
    try {
      await other.query('begin');
      await other.query('delete from geofences where id = $1', [id]);
      const changed = api.call('PATCH', `/v1/geofences/${id}`, { body: { enabled: false } });
      // It has been found, and waits for whoever deletes it.
      await eventually(async () => {
        const { rowCount } = await api.database.owner.query(
          `select from pg_locks l join pg_database d on d.oid = l.database where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`,
        );
        if (rowCount === 0) throw new Error('nobody waits');
      });
      await other.query('commit');
      expectProblem(await changed, 404, 'geofence_not_found');
    } finally {
      other.release();
    }
  });

  test('those of another organisation are not there, nor are its groups', async () => {
    const { body: theirs } = await api.call('POST', '/v1/geofences', { key: api.keys.other, body: { name: 'theirs', shape: circle } });
    expectProblem(await api.get(`/v1/geofences/${theirs.id}`), 404, 'geofence_not_found');
    expectProblem(await api.call('DELETE', `/v1/geofences/${theirs.id}`), 404, 'geofence_not_found');
    expectProblem(await api.call('PATCH', `/v1/geofences/${theirs.id}`, { body: { enabled: false } }), 404, 'geofence_not_found');
    const { body: group } = await api.call('POST', '/v1/vehicle-groups', { key: api.keys.other, body: { name: 'g' } });
    expectProblem(
      await api.call('POST', '/v1/geofences', { body: { name: 'y', shape: circle, groupId: group.id } }),
      404,
      'group_not_found',
    );
  });

  test.each([
    ['a ring that is open', { type: 'Polygon', coordinates: [ring(7, 7.1).slice(0, 4)] }, '/shape/coordinates/0'],
    ['a ring across the antimeridian', { type: 'Polygon', coordinates: [ring(179, -179)] }, '/shape/coordinates/0'],
  ])('%s is refused with the place of the fault', async (_, shape, pointer) => {
    const problem = await api.call('POST', '/v1/geofences', { body: { name: 'wrong', shape } });
    expectProblem(problem, 400, 'invalid_request');
    expect(problem.body.errors).toMatchObject([{ pointer }]);
  });

  test('a circle without a size is refused', async () => {
    expectProblem(
      await api.call('POST', '/v1/geofences', { body: { name: 'dot', shape: { ...circle, radiusM: 0 } } }),
      400,
      'invalid_request',
    );
  });
});
