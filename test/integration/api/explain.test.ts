import { AlertHistoryEntrySchema, PresenceExplanationSchema } from '@milepost/contracts';
import { useTestScope } from '@milepost/test-support';
import { Value } from 'typebox/value';
import { beforeAll, expect, test } from 'vitest';
import { startProcess, WrittenLog } from '../alerts/written-log.js';
import { type ApiUnderTest, apiUnderTest, everyPage, expectProblem } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;
let times: Record<'connected' | 'lost' | 'offline' | 'back', string>;

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
  await log.pass(50);
  const offline = now();
  await log.pass(2);
  log.connected(0, 'v', 'c2');
  await log.pass(10);
  times = { connected, lost, offline, back: now() };
});

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
    connections: [{ id: 'c2', node: 'a', will: false }],
    clock: { partition: 0, behindSeconds: 0 },
    policy: { settings: { graceSeconds: 30 }, sources: { graceSeconds: { kind: 'default' } } },
    alerts: [],
  });
  expect(await explained(times.connected)).toMatchObject({ state: 'online', connections: [{ id: 'c1' }], alerts: [] });
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

test('what nobody knows is said, and what belongs to others is not there', async () => {
  expectProblem(await api.get('/v1/vehicles/v/presence/explain?at=2020-01-01T00:00:00Z'), 404, 'presence_not_known');
  expectProblem(await api.get('/v1/vehicles/foreign/presence/explain'), 404, 'vehicle_not_found');
});

test.each(['2026-06-30T23:59:60Z', '0000-01-01T00:00:00Z', 'yesterday'])('explains nothing of %s, which is no time', async (at) => {
  expectProblem(await api.get(`/v1/vehicles/v/presence/explain?at=${at}`), 400, 'invalid_request');
});

test('an alert has its whole history, step by step, with who', async () => {
  const [alert] = (await api.get('/v1/alerts')).body.items;
  expect((await api.get(`/v1/alerts/${alert.id}`)).body).toEqual(alert);
  const history = await everyPage(api, `/v1/alerts/${alert.id}/history?limit=1`);
  for (const entry of history) expect([...Value.Errors(AlertHistoryEntrySchema, entry)]).toEqual([]);
  expect(history.map(({ step, actor }) => `${step} ${actor}`)).toEqual(['open milepost', 'notified milepost', 'resolved milepost']);
  const unknown = '00000000-0000-7000-8000-000000000000';
  expectProblem(await api.get(`/v1/alerts/${unknown}`), 404, 'alert_not_found');
  expectProblem(await api.get(`/v1/alerts/${unknown}/history`), 404, 'alert_not_found');
  expectProblem(await api.get(`/v1/alerts/${alert.id}`, { key: api.keys.other }), 404, 'alert_not_found');
});
