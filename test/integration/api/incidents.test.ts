import { IncidentMemberSchema, IncidentSchema } from '@milepost/contracts';
import { useTestScope } from '@milepost/test-support';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { startProcess, WrittenLog } from '../alerts/written-log.js';
import { type ApiUnderTest, apiUnderTest, everyPage, expectProblem } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;
const vehicles = Array.from({ length: 30 }, (_, index) => `v${String(index).padStart(2, '0')}`);
/** Those that stay away when the others are back. */
const lasting = ['v03', 'v17'];

beforeAll(async () => {
  api = await apiUnderTest(scope);
  const log = new WrittenLog([await startProcess(scope, api.database, 1)], ['a'], 1);
  const storm = async (round: string) => {
    for (const id of vehicles) log.connected(0, id, `${id}-${round}`);
    await log.pass(10);
    for (const id of vehicles) log.lost(0, id, `${id}-${round}`);
    await log.pass(60);
  };
  await storm('1');
  for (const id of vehicles) if (!lasting.includes(id)) log.connected(0, id, `${id}-2`);
  await log.pass(320);
  for (const id of vehicles) if (!lasting.includes(id)) log.lost(0, id, `${id}-2`);
  await log.pass(10);
  await storm('3');
}, 120_000);

describe('GET /v1/incidents', () => {
  test('lists them, the newest first, by status, and page by page', async () => {
    const { status, body } = await api.get('/v1/incidents', { key: api.keys.read });
    expect(status).toBe(200);
    for (const item of body.items) expect([...Value.Errors(IncidentSchema, item)]).toEqual([]);
    const [second, first] = body.items;
    expect(body.items).toHaveLength(2);
    expect(second).toMatchObject({ status: 'open', scope: 'node', node: 'a', vehicles: 30, returned: 0 });
    expect(first).toMatchObject({ status: 'closed', vehicles: 30, returned: 28, notifiedAt: first.openedAt, closedAt: expect.any(String) });
    expect((await api.get('/v1/incidents?status=open')).body.items).toEqual([second]);
    expect((await api.get('/v1/incidents?status=closed')).body.items).toEqual([first]);
    expect((await api.get(`/v1/incidents?to=${second.openedAt}`)).body.items).toEqual([first]);
    expect(await everyPage(api, '/v1/incidents?limit=1')).toEqual([second, first]);
    expect((await api.get(`/v1/incidents/${first.id}`)).body).toEqual(first);
  });

  test('has every vehicle of one, with who is back, and the alert of who stayed away', async () => {
    const [first] = (await api.get('/v1/incidents?status=closed')).body.items;
    const members = await everyPage(api, `/v1/incidents/${first.id}/vehicles?limit=7`);
    for (const member of members) expect([...Value.Errors(IncidentMemberSchema, member)]).toEqual([]);
    expect(members.map(({ vehicleId }) => vehicleId)).toEqual(vehicles);
    const away = (await api.get(`/v1/incidents/${first.id}/vehicles?returned=false`)).body.items;
    expect(away.map(({ vehicleId }: { vehicleId: string }) => vehicleId)).toEqual(lasting);
    for (const { alertId, vehicleId } of away)
      expect((await api.get(`/v1/alerts/${alertId}`)).body).toMatchObject({ type: 'offline', vehicleId, incidentId: first.id });
    const back = (await api.get(`/v1/incidents/${first.id}/vehicles?returned=true`)).body.items;
    expect(back).toHaveLength(28);
    expect(back[0]).toEqual({ vehicleId: 'v00', joinedAt: expect.any(String), returnedAt: expect.any(String) });
  });

  test('of another organisation are not there', async () => {
    const [{ id }] = (await api.get('/v1/incidents')).body.items;
    expect((await api.get('/v1/incidents', { key: api.keys.other })).body.items).toEqual([]);
    for (const path of [`/v1/incidents/${id}`, `/v1/incidents/${id}/vehicles`])
      expectProblem(await api.get(path, { key: api.keys.other }), 404, 'incident_not_found');
    expectProblem(await api.get('/v1/incidents/none'), 404, 'incident_not_found');
  });
});
