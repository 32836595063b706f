import { AlertSchema, EventSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { eq } from 'drizzle-orm';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, everyPage, expectProblem } from './api-under-test.js';

const { alertHistory, alerts, outbox } = schema;
const scope = useTestScope();
let api: ApiUnderTest;
let truck: number;
let foreignAlert: string;
const at = (minutes: number) => new Date(Date.parse('2026-11-24T06:00:00Z') + minutes * 60_000);
const idsOf = (items: { id: string }[]) => items.map(({ id }) => id);

beforeAll(async () => {
  api = await apiUnderTest(scope);
  truck = await api.fleet.vehicle('truck-1');
  foreignAlert = await api.otherFleet.alert();
});

describe('GET /v1/alerts', () => {
  let ids: string[];

  beforeAll(async () => {
    const second = await api.fleet.vehicle('truck-2');
    const resolved = { status: 'resolved' as const, resolvedAt: at(9), outageSeconds: 540.5 };
    ids = [
      await api.fleet.alert({ vehicle: truck, openedAt: at(0), ...resolved, cause: 'keepalive_timeout' }),
      await api.fleet.alert({ vehicle: second, openedAt: at(5), type: 'silent' }),
      // Two of one millisecond.
      await api.fleet.alert({ openedAt: at(5), type: 'identity_conflict', details: { addresses: ['192.0.2.1', '192.0.2.2'] } }),
      await api.fleet.alert({ vehicle: truck, openedAt: at(7), type: 'silent', ...resolved }),
    ];
  });

  test('answers the alerts of the organisation, the newest first', async () => {
    const { status, body } = await api.get('/v1/alerts', { key: api.keys.read });
    expect(status).toBe(200);
    for (const item of body.items) expect([...Value.Errors(AlertSchema, item)]).toEqual([]);
    expect(idsOf(body.items)).toEqual([ids[3], ids[2], ids[1], ids[0]]);
    expect(body.items[3]).toEqual({
      id: ids[0],
      type: 'offline',
      status: 'resolved',
      severity: 'warning',
      vehicleId: 'truck-1',
      cause: 'keepalive_timeout',
      openedAt: at(0).toISOString(),
      resolvedAt: at(9).toISOString(),
      outageSeconds: 540.5,
    });
    expect(body.items[1]).toMatchObject({ addresses: ['192.0.2.1', '192.0.2.2'] });
  });

  test('goes through all alerts, page by page', async () => {
    expect(idsOf(await everyPage(api, '/v1/alerts?limit=1'))).toEqual([ids[3], ids[2], ids[1], ids[0]]);
  });

  test.each([
    ['status=open', [2, 1]],
    ['status=resolved', [3, 0]],
    ['vehicleId=truck-1', [3, 0]],
    ['vehicleId=truck-2&status=open', [1]],
    ['vehicleId=truck-9', []],
    ['type=silent', [3, 1]],
    ['from=2026-11-24T06:05:00Z&to=2026-11-24T06:07:00Z', [2, 1]],
  ])('filters by %s', async (query, expected) => {
    const { status, body } = await api.get(`/v1/alerts?${query}`);
    expect(status).toBe(200);
    expect(idsOf(body.items)).toEqual(expected.map((index) => ids[index]));
  });

  test.each([
    ['status=closed', 'status'],
    ['vehicleId=%20', 'vehicleId'],
    ['from=now', 'from'],
  ])('refuses ?%s and names the parameter', async (query, parameter) => {
    const answer = await api.get(`/v1/alerts?${query}`);
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors).toMatchObject([{ parameter }]);
  });
});

describe('POST /v1/alerts/{id}/acknowledge', () => {
  const acknowledge = (id: string, body?: unknown, key = api.keys.alerts) =>
    api.call('POST', `/v1/alerts/${id}/acknowledge`, { key, body });
  const traces = async (id: string) => ({
    history: await api.fleet.db.select().from(alertHistory).where(eq(alertHistory.alertId, id)),
    events: await api.fleet.db.select().from(outbox).where(eq(outbox.subject, id)),
  });

  test('writes state, history and event, with the key’s name as the actor', async () => {
    const id = await api.fleet.alert({ vehicle: truck, type: 'misconfigured' });
    const { status, body } = await acknowledge(id, { note: 'driver called' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, status: 'acknowledged', acknowledgedBy: 'night shift', note: 'driver called' });

    const { history, events } = await traces(id);
    expect(history).toMatchObject([
      { status: 'acknowledged', actor: 'night shift', note: 'driver called', at: new Date(body.acknowledgedAt) },
    ]);
    expect(events).toMatchObject([{ type: 'alert.acknowledged', recordKey: 'truck-1', dispatchedAt: null, relayedAt: null, feedEpoch: 1 }]);
    const event = JSON.parse(events[0]?.body ?? '');
    expect([...Value.Errors(EventSchema, event)]).toEqual([]);
    expect(event).toEqual({ id: events[0]?.eventId, type: 'alert.acknowledged', timestamp: body.acknowledgedAt, data: { alert: body } });
    expect((await api.get('/v1/alerts?status=acknowledged')).body.items).toEqual([body]);
  });

  test('changes nothing the second time', async () => {
    const id = await api.fleet.alert();
    const first = await acknowledge(id, { note: 'mine' });
    const second = await acknowledge(id, { note: 'no, mine' }, api.keys.admin);
    expect(second.status).toBe(200);
    expect(second.body).toEqual(first.body);
    const { history, events } = await traces(id);
    expect([history.length, events.length]).toEqual([1, 1]);
  });

  test('counts once when two come at the same moment', async () => {
    const id = await api.fleet.alert();
    const answers = await Promise.all([acknowledge(id, { note: 'a' }), acknowledge(id, { note: 'b' }), acknowledge(id, { note: 'c' })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body.note)).size).toBe(1);
    expect((await traces(id)).events).toHaveLength(1);
  });

  test('needs no body', async () => {
    expect((await acknowledge(await api.fleet.alert())).status).toBe(200);
    const headers = { authorization: `Bearer ${api.keys.alerts}`, 'content-type': 'application/json' };
    const bare = await api.app.inject({ method: 'POST', url: `/v1/alerts/${await api.fleet.alert()}/acknowledge`, headers });
    expect(bare.statusCode).toBe(200);
  });

  test('refuses an alert that is resolved', async () => {
    const id = await api.fleet.alert({ status: 'resolved', resolvedAt: at(1) });
    expectProblem(await acknowledge(id), 409, 'alert_resolved');
    expect((await traces(id)).events).toEqual([]);
  });

  test('refuses a note that is not text, and points to it', async () => {
    const id = await api.fleet.alert();
    for (const note of [7, 'x'.repeat(2_001), 'nul\u0000']) {
      const answer = await acknowledge(id, { note });
      expectProblem(answer, 400, 'invalid_request');
      expect(answer.body.errors).toMatchObject([{ pointer: '/note' }]);
    }
    const unknown = await acknowledge(id, { comment: 'x' });
    expectProblem(unknown, 400, 'invalid_request');
    expect(unknown.body.errors).toMatchObject([{ pointer: '/comment', code: 'unknown' }]);
  });

  test('does not know alerts that never were, or of another organisation', async () => {
    for (const id of ['nonsense', '019aaaaa-0000-7000-8000-000000000000', foreignAlert]) {
      expectProblem(await acknowledge(id), 404, 'alert_not_found');
    }
    const [row] = await api.fleet.db.select().from(alerts).where(eq(alerts.id, foreignAlert));
    expect(row?.status).toBe('open');
  });

  test('needs the scope alerts:write', async () => {
    const answer = await acknowledge(await api.fleet.alert(), {}, api.keys.read);
    expectProblem(answer, 403, 'missing_scope');
    expect(answer.body.detail).toContain('alerts:write');
  });
});
