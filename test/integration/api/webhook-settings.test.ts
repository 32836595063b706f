import { CreatedWebhookSchema, DeliverySchema, RotatedSecretSchema, UpdatedWebhookSchema, WebhookSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { eq } from 'drizzle-orm';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, expectProblem } from './api-under-test.js';

const { outbox, webhookDeliveries, webhookEndpoints } = schema;
const nobody = '019aaaaa-0000-7000-8000-000000000000';
const scope = useTestScope();
let api: ApiUnderTest;

beforeAll(async () => {
  api = await apiUnderTest(scope);
});

const post = (path: string, body?: unknown, key = api.keys.webhooks) => api.call('POST', `/v1/webhooks${path}`, { key, body });
const patch = (id: string, body: unknown) => api.call('PATCH', `/v1/webhooks/${id}`, { key: api.keys.webhooks, body });
const registered = async (more: object = {}): Promise<string> => (await post('', { url: 'https://hooks.example.com/x', ...more })).body.id;
const rowOf = async (id: string) => (await api.fleet.db.select().from(webhookEndpoints).where(eq(webhookEndpoints.id, id)))[0];
const suspend = (id: string) => api.fleet.db.update(webhookEndpoints).set({ suspendedAt: new Date() }).where(eq(webhookEndpoints.id, id));
const group = async (): Promise<string> =>
  (await api.call('POST', '/v1/vehicle-groups', { body: { name: `group ${Math.random()}` } })).body.id;

describe('a webhook’s settings', () => {
  test('are kept, shown and changed; the values of its headers are never shown', async () => {
    const groupId = await group();
    const created = await post('', {
      url: 'https://am.example.com/api/v2/alerts',
      format: 'alertmanager',
      vehicleIds: ['truck-1'],
      groupIds: [groupId],
      headers: { Authorization: 'Bearer hunter2', 'X-Team': 'ops' },
    });
    expect(created.status).toBe(201);
    expect([...Value.Errors(CreatedWebhookSchema, created.body)]).toEqual([]);
    const { id } = created.body;
    const shown = await api.get(`/v1/webhooks/${id}`, { key: api.keys.read });
    expect([...Value.Errors(WebhookSchema, shown.body)]).toEqual([]);
    expect(shown.body).toMatchObject({
      format: 'alertmanager',
      vehicleIds: ['truck-1'],
      groupIds: [groupId],
      headerNames: ['authorization', 'x-team'],
      consecutiveFailures: 0,
    });
    const changed = await patch(id, {
      url: 'https://other.example.com/',
      description: 'new',
      format: 'native',
      vehicleIds: [],
      groupIds: [],
      headers: {},
    });
    expect(changed.body).toMatchObject({ url: 'https://other.example.com/', description: 'new', format: 'native', headerNames: [] });
    expect(await rowOf(id)).toMatchObject({ vehicleIds: null, groupIds: null, headers: {}, enabled: true });
    for (const said of [created.body, shown.body, changed.body, ...api.logLines]) expect(JSON.stringify(said)).not.toContain('hunter2');
  });

  test('one that is registered disabled is so until somebody enables it', async () => {
    const created = await post('', { url: 'https://hooks.example.com/later', enabled: false });
    expect(created).toMatchObject({ status: 201, body: { enabled: false } });
    expect((await patch(created.body.id, { enabled: true })).body).toMatchObject({ enabled: true });
  });

  test('headers that were meant for one origin are not sent to another, and the answer says so', async () => {
    const headers = { authorization: 'Bearer hunter2' };
    const id = await registered({ headers });
    const sameOrigin = await patch(id, { url: 'https://hooks.example.com:443/y' });
    expect(sameOrigin.body).toMatchObject({ url: 'https://hooks.example.com/y', headerNames: ['authorization'] });
    expect(sameOrigin.body).not.toHaveProperty('droppedHeaders');

    for (const url of ['https://evil.example.com/y', 'https://hooks.example.com:8443/y', 'http://127.0.0.1:9000/y']) {
      const moved = await patch(await registered({ headers }), { url, description: 'moved' });
      expect(moved.body).toMatchObject({ url, headerNames: [], droppedHeaders: ['authorization'], description: 'moved' });
      expect([...Value.Errors(UpdatedWebhookSchema, moved.body)]).toEqual([]);
      expect(await rowOf(moved.body.id)).toMatchObject({ headers: {}, headerNames: [] });
    }
    const named = await patch(id, { url: 'https://new.example.com/', headers: { 'x-new': '1' } });
    expect(named.body).toMatchObject({ headerNames: ['x-new'] });
    expect(named.body).not.toHaveProperty('droppedHeaders');
  });

  test('stay as they are when the body does not name them', async () => {
    const id = await registered({ description: 'kept', eventTypes: ['alert.opened'], headers: { 'x-a': '1' } });
    expect((await patch(id, { vehicleIds: ['truck-2'] })).body).toMatchObject({
      description: 'kept',
      eventTypes: ['alert.opened'],
      headerNames: ['x-a'],
      vehicleIds: ['truck-2'],
      url: 'https://hooks.example.com/x',
    });
    expectProblem(await patch(id, {}), 400, 'invalid_request');
  });

  test.each([
    [{ headers: { Host: 'evil' } }, '/headers/Host', 'not_allowed'],
    [{ headers: { 'webhook-id': 'mine' } }, '/headers/webhook-id', 'not_allowed'],
    [{ headers: { 'x-a': 'a\r\nb: c' } }, '/headers/x-a', 'invalid_value'],
    [{ headers: { 'a/b': 'c' } }, '/headers/a~1b', 'invalid_name'],
    [{ groupIds: [nobody] }, '/groupIds/0', 'group_not_found'],
    [{ groupIds: ['nonsense'] }, '/groupIds/0', 'group_not_found'],
    [{ url: 'https://10.0.0.1/' }, '/url', 'address_not_allowed'],
  ])('are refused as %j, at registration and later', async (body, pointer, code) => {
    const id = await registered();
    for (const answer of [await post('', { url: 'https://hooks.example.com/x', ...body }), await patch(id, body)]) {
      expectProblem(answer, 400, 'invalid_request');
      expect(answer.body.errors).toMatchObject([{ pointer, code }]);
    }
  });

  test('cannot name a group of another organisation', async () => {
    const foreign = await api.call('POST', '/v1/vehicle-groups', { key: api.keys.other, body: { name: 'foreign' } });
    expect((await post('', { url: 'https://x.example/', groupIds: [foreign.body.id] })).body.errors).toMatchObject([
      { code: 'group_not_found' },
    ]);
  });
});

describe('POST /v1/webhooks/{id}/rotate-secret', () => {
  test('shows a new secret once and keeps the old one for a day', async () => {
    const created = await post('', { url: 'https://hooks.example.com/x' });
    const rotated = await post(`/${created.body.id}/rotate-secret`);
    expect(rotated.status).toBe(200);
    expect([...Value.Errors(RotatedSecretSchema, rotated.body)]).toEqual([]);
    expect(await rowOf(created.body.id)).toMatchObject({ secret: rotated.body.secret, previousSecret: created.body.secret });
    const hours = (Date.parse(rotated.body.previousSecretUntil) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    const shown = (await api.get(`/v1/webhooks/${created.body.id}`)).body;
    expect(shown.previousSecretUntil).toBe(rotated.body.previousSecretUntil);
    for (const said of [shown, ...api.logLines]) expect(JSON.stringify(said)).not.toContain(rotated.body.secret);
  });

  test('without an overlap the old one ends at once', async () => {
    const id = await registered();
    await post(`/${id}/rotate-secret`, { overlapSeconds: 0 });
    expect((await api.get(`/v1/webhooks/${id}`)).body).not.toHaveProperty('previousSecretUntil');
    expectProblem(await post(`/${id}/rotate-secret`, { overlapSeconds: 8 * 86_400 }), 400, 'invalid_request');
  });

  test('is for the organisation’s own webhooks, and for keys that may write them', async () => {
    const id = await registered();
    const before = await rowOf(id);
    expectProblem(await post(`/${id}/rotate-secret`, {}, api.keys.other), 404, 'webhook_not_found');
    expectProblem(await post(`/${id}/rotate-secret`, {}, api.keys.read), 403, 'missing_scope');
    expectProblem(await post('/nonsense/rotate-secret', {}), 404, 'webhook_not_found');
    expect(await rowOf(id)).toEqual(before);
  });
});

describe('POST /v1/webhooks/{id}/test', () => {
  test('makes a delivery for this webhook alone, whatever it wants', async () => {
    const [id, other] = [await registered({ eventTypes: ['alert.resolved'], vehicleIds: ['truck-1'] }), await registered()];
    const tested = await post(`/${id}/test`);
    expect(tested.status).toBe(202);
    expect(tested.body).toMatchObject({ eventType: 'webhook.test', status: 'pending', attempts: [] });
    const [event] = await api.fleet.db.select().from(outbox).where(eq(outbox.eventId, tested.body.eventId));
    expect(event?.dispatchedAt).not.toBeNull();
    expect(event?.relayedAt).not.toBeNull();
    expect(JSON.parse(event?.body ?? '')).toMatchObject({ id: tested.body.eventId, type: 'webhook.test', data: { endpoint: { id } } });
    expect((await api.get(`/v1/webhooks/${other}/deliveries`)).body.items).toEqual([]);
    const one = await api.get(`/v1/webhooks/${id}/deliveries/${tested.body.id}`, { key: api.keys.read });
    expect([...Value.Errors(DeliverySchema, one.body)]).toEqual([]);
    expect(one.body).toEqual(tested.body);
    expectProblem(await api.get(`/v1/webhooks/${other}/deliveries/${tested.body.id}`), 404, 'delivery_not_found');
  });

  test('is refused while the webhook receives nothing', async () => {
    const id = await registered();
    await patch(id, { enabled: false });
    expectProblem(await post(`/${id}/test`), 409, 'webhook_not_receiving');
    const suspended = await registered();
    await suspend(suspended);
    expectProblem(await post(`/${suspended}/test`), 409, 'webhook_not_receiving');
  });
});

describe('what has not arrived', () => {
  const at = new Date('2026-11-24T06:00:00Z');
  const dead = { status: 'dead' as const, createdAt: at, nextAttemptAt: null };
  const statuses = async (endpoint: string) =>
    (await api.fleet.db.select().from(webhookDeliveries).where(eq(webhookDeliveries.endpointId, endpoint)))
      .map(({ status }) => status)
      .sort();

  test('is replayed all at once since a time, each event once', async () => {
    const endpoint = await registered();
    const far = new Date(Date.now() + 3_600_000);
    await api.fleet.delivery(endpoint, { ...dead, createdAt: new Date('2026-11-24T05:59:59.999Z') });
    const dying = [await api.fleet.delivery(endpoint, dead), await api.fleet.delivery(endpoint, dead)];
    const failed = await api.fleet.delivery(endpoint, { status: 'failed', createdAt: at, nextAttemptAt: far });
    await api.fleet.delivery(endpoint, { status: 'delivered', createdAt: at, nextAttemptAt: null });
    await api.fleet.delivery(endpoint, { ...dead, skippedAt: at, skippedBy: 'somebody' });

    const since = { since: at.toISOString() };
    const first = await post(`/${endpoint}/replay`, since);
    expect(first.status).toBe(202);
    expect(first.body).toEqual({ replayed: 2, hastened: 1, more: false });
    const rows = await api.fleet.db.select().from(webhookDeliveries).where(eq(webhookDeliveries.endpointId, endpoint));
    const replays = rows.filter(({ replayOf }) => replayOf !== null);
    expect(replays.map(({ replayOf }) => replayOf).sort()).toEqual(dying.toSorted());
    for (const replay of replays) expect(rows.find(({ id }) => id === replay.replayOf)?.eventId).toBe(replay.eventId);
    expect(rows.find(({ id }) => id === failed)?.nextAttemptAt?.getTime()).toBeLessThanOrEqual(Date.now());

    expect((await post(`/${endpoint}/replay`, since)).body).toEqual({ replayed: 0, hastened: 0, more: false });
    expect(
      (await post(`/${endpoint}/replay`, { since: '2026-11-24T00:00:00Z', until: at.toISOString(), status: 'failed' })).body.replayed,
    ).toBe(0);
    expect((await post(`/${endpoint}/replay`, { since: '2026-11-24T00:00:00Z', status: 'dead' })).body.replayed).toBe(1);
  });

  test('is replayed once, though it is asked for twice at the same time', async () => {
    const endpoint = await registered();
    const id = await api.fleet.delivery(endpoint, dead);
    const { owner } = api.database;
    const client = await owner.connect();
    let answers: ReturnType<typeof post>[];
    try {
      await client.query('begin');
      await client.query('select from webhook_deliveries where id = $1 for update', [id]);
      answers = [1, 2].map(() => post(`/${endpoint}/replay`, { since: at.toISOString() }));
      const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      await expect.poll(async () => (await owner.query(waiting)).rowCount).toBe(2);
    } finally {
      await client.query('rollback');
      client.release();
    }
    const replayed = (await Promise.all(answers)).map(({ body }) => body.replayed);
    expect(replayed.sort()).toEqual([0, 1]);
  });

  test.each([
    ['an offset beyond those of Postgres', '2026-11-24T22:00:00+16:00', '2026-11-24T22:00:00.001+16:00'],
    ['a fraction of many digits', `2026-11-24T05:59:59.999${'0'.repeat(200)}1Z`, `2026-11-24T06:00:00.000${'0'.repeat(200)}1Z`],
  ])('is replayed and skipped by any time of RFC 3339: %s', async (_what, since, until) => {
    const endpoint = await registered();
    await api.fleet.delivery(endpoint, { ...dead, createdAt: new Date('2026-11-24T05:59:59.999Z') });
    await api.fleet.delivery(endpoint, dead);
    await api.fleet.delivery(endpoint, { status: 'pending', createdAt: new Date('2026-11-24T06:00:00.001Z') });
    expect((await post(`/${endpoint}/replay`, { since, until })).body).toEqual({ replayed: 1, hastened: 0, more: false });
    await patch(endpoint, { enabled: false });
    expect((await post(`/${endpoint}/skip`, { before: since })).body).toEqual({ skipped: 0 });
    expect((await post(`/${endpoint}/skip`, { before: '2026-11-24T22:00:00.0011+16:00' })).body).toEqual({ skipped: 1 });
  });

  test('may be skipped while the webhook is suspended or disabled: dead, with who said so, and not replayed with the rest', async () => {
    const endpoint = await registered();
    await api.fleet.delivery(endpoint, { status: 'failed', createdAt: at });
    await api.fleet.delivery(endpoint, { status: 'pending', createdAt: new Date('2026-11-25T00:00:00Z') });
    await api.fleet.delivery(endpoint, { status: 'pending', claimedUntil: new Date(Date.now() + 60_000), createdAt: at });
    expectProblem(await post(`/${endpoint}/skip`), 409, 'webhook_receiving');
    await patch(endpoint, { enabled: false });
    expect((await post(`/${endpoint}/skip`, { before: '2026-11-24T12:00:00Z' })).body).toEqual({ skipped: 1 });
    expect(await statuses(endpoint)).toEqual(['dead', 'pending', 'pending']);
    expect((await post(`/${endpoint}/skip`)).body).toEqual({ skipped: 1 });
    const { items } = (await api.get(`/v1/webhooks/${endpoint}/deliveries?status=dead`)).body;
    expect(items).toHaveLength(2);
    for (const item of items) expect(item).toMatchObject({ skippedBy: 'integrator', skippedAt: expect.any(String), attempts: [] });
    await patch(endpoint, { enabled: true });
    expect((await post(`/${endpoint}/replay`, { since: '2026-11-01T00:00:00Z' })).body.replayed).toBe(0);
    expect((await post(`/${endpoint}/deliveries/${items[0].id}/replay`)).status).toBe(202);
    await suspend(endpoint);
    expect((await post(`/${endpoint}/skip`)).body).toEqual({ skipped: 1 });
  });
});
