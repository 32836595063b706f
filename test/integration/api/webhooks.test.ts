import { CreatedWebhookSchema, DeliverySchema, WebhookSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { eq } from 'drizzle-orm';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, everyPage, expectProblem } from './api-under-test.js';

const { webhookAttempts, webhookDeliveries, webhookEndpoints } = schema;
const nobody = '019aaaaa-0000-7000-8000-000000000000';
const scope = useTestScope();
let api: ApiUnderTest;
const idsOf = (items: { id: string }[]) => items.map(({ id }) => id);

beforeAll(async () => {
  api = await apiUnderTest(scope, { maxWebhooks: 25 });
});

const register = (body: unknown, key = api.keys.webhooks) => api.call('POST', '/v1/webhooks', { key, body });
const registered = async (): Promise<string> => (await register({ url: 'https://hooks.example.com/x' })).body.id;
const change = (id: string, body: unknown) => api.call('PATCH', `/v1/webhooks/${id}`, { key: api.keys.webhooks, body });
const rowOf = async (id: string) => (await api.fleet.db.select().from(webhookEndpoints).where(eq(webhookEndpoints.id, id)))[0];

describe('POST /v1/webhooks', () => {
  test('registers a URL and shows its secret this once', async () => {
    const created = await register({ url: 'https://hooks.example.com/milepost', eventTypes: ['alert.opened'], description: 'ops' });
    expect(created.status).toBe(201);
    expect([...Value.Errors(CreatedWebhookSchema, created.body)]).toEqual([]);
    expect(created.body).toMatchObject({
      url: 'https://hooks.example.com/milepost',
      eventTypes: ['alert.opened'],
      description: 'ops',
      enabled: true,
    });
    const secret: string = created.body.secret;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);

    const { body } = await api.get('/v1/webhooks', { key: api.keys.read });
    expect([...Value.Errors(WebhookSchema, body.items[0])]).toEqual([]);
    expect(body.items.find(({ id }: { id: string }) => id === created.body.id)).toBeDefined();
    const changed = await change(created.body.id, { enabled: true });
    for (const shown of [body, changed.body, ...api.logLines]) expect(JSON.stringify(shown)).not.toContain(secret.slice('whsec_'.length));
    expect(JSON.stringify([body, changed.body])).not.toContain('secret');
  });

  test('takes all event types when none are named', async () => {
    expect((await register({ url: 'http://127.0.0.1:9999/hook' })).body.eventTypes).toEqual([]);
  });

  test.each([
    ['http://169.254.169.254/latest', 'address_not_allowed'],
    ['https://10.0.0.1/', 'address_not_allowed'],
    ['http://hooks.example.com/', 'scheme_not_allowed'],
    ['https://user:secret@hooks.example.com/', 'credentials_not_allowed'],
    ['hooks', 'invalid_url'],
  ])('refuses the URL %s and says why', async (url, code) => {
    const answer = await register({ url });
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors).toMatchObject([{ pointer: '/url', code }]);
  });

  test.each([
    [{}, '/url', 'missing'],
    [{ url: 'https://x.example', eventTypes: ['alert.exploded'] }, '/eventTypes/0', 'not_allowed'],
    [{ url: 'https://x.example', secret: 'mine' }, '/secret', 'unknown'],
    [{ url: 7 }, '/url', 'wrong_type'],
  ])('refuses the body %j and points to what is wrong', async (body, pointer, code) => {
    const answer = await register(body);
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors).toMatchObject([{ pointer, code }]);
  });

  test('refuses a body that is missing, broken, too large or not JSON', async () => {
    const post = (payload: string, contentType: string) =>
      api.call('POST', '/v1/webhooks', { body: payload, headers: { 'content-type': contentType } });
    expectProblem(await post('', 'application/json'), 400, 'invalid_request');
    expectProblem(await post('{"url":', 'application/json'), 400, 'invalid_json');
    expectProblem(await post(`{"url":"${'x'.repeat(70_000)}"}`, 'application/json'), 413, 'body_too_large');
    expectProblem(await post('url=x', 'application/x-www-form-urlencoded'), 415, 'unsupported_media_type');
  });

  test('needs the scope webhooks:write', async () => {
    expectProblem(await register({ url: 'https://x.example' }, api.keys.read), 403, 'missing_scope');
  });

  test('refuses more webhooks than an organisation may have, also many at once', async () => {
    const key = api.keys.other;
    const answers = await Promise.all(Array.from({ length: 30 }, () => register({ url: 'https://hooks.example.com/' }, key)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(25);
    const refused = answers.find(({ status }) => status !== 201);
    if (refused) expectProblem(refused, 409, 'too_many_webhooks');
    expect(refused?.body.limit).toBe(25);
    expect(await everyPage({ ...api, get: (url) => api.get(url, { key }) }, '/v1/webhooks?limit=7')).toHaveLength(25);
  });
});

describe('PATCH and DELETE /v1/webhooks/{id}', () => {
  test('enabling ends a suspension and forgets the failures', async () => {
    const id = await registered();
    const failing = {
      ...{ suspendedAt: new Date(), suspendedReason: 'failed for 12 h', failingSince: new Date(), pausedUntil: new Date() },
      ...{ consecutiveFailures: 7, breakerOpenedAt: new Date() },
    };
    await api.fleet.db.update(webhookEndpoints).set(failing).where(eq(webhookEndpoints.id, id));
    const before = (await api.get('/v1/webhooks')).body.items.find((item: { id: string }) => item.id === id);
    expect(before).toMatchObject({ suspendedAt: failing.suspendedAt.toISOString(), suspendedReason: 'failed for 12 h' });
    const { status, body } = await change(id, { enabled: true });
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('suspendedAt');
    const nothing = Object.fromEntries(Object.keys(failing).map((name) => [name, null]));
    expect(await rowOf(id)).toMatchObject({ ...nothing, consecutiveFailures: 0 });
  });

  test('disabling keeps what is known of the failures', async () => {
    const id = await registered();
    const failingSince = new Date();
    await api.fleet.db.update(webhookEndpoints).set({ failingSince }).where(eq(webhookEndpoints.id, id));
    expect((await change(id, { enabled: false })).body.enabled).toBe(false);
    expect(await rowOf(id)).toMatchObject({ enabled: false, failingSince });
  });

  test('a deleted webhook is gone', async () => {
    const id = await registered();
    const remove = () => api.call('DELETE', `/v1/webhooks/${id}`, { key: api.keys.webhooks });
    expect((await remove()).status).toBe(204);
    expectProblem(await remove(), 404, 'webhook_not_found');
    expectProblem(await change(id, { enabled: true }), 404, 'webhook_not_found');
    expectProblem(await api.get(`/v1/webhooks/${id}/deliveries`), 404, 'webhook_not_found');
    expect(idsOf((await api.get('/v1/webhooks')).body.items)).not.toContain(id);
  });

  test('nobody reaches the webhooks of another organisation', async () => {
    const id = await registered();
    const as = { key: api.keys.other };
    expectProblem(await api.call('DELETE', `/v1/webhooks/${id}`, as), 404, 'webhook_not_found');
    expectProblem(await api.call('PATCH', `/v1/webhooks/${id}`, { ...as, body: { enabled: false } }), 404, 'webhook_not_found');
    expectProblem(await api.get(`/v1/webhooks/${id}/deliveries`, as), 404, 'webhook_not_found');
    expect(await rowOf(id)).toMatchObject({ enabled: true, deletedAt: null });
  });

  test('refuses bodies and scopes that will not do', async () => {
    const id = await registered();
    expectProblem(await change(id, { enabled: 'yes' }), 400, 'invalid_request');
    expectProblem(await change('nonsense', { enabled: true }), 404, 'webhook_not_found');
    expectProblem(await api.call('DELETE', `/v1/webhooks/${id}`, { key: api.keys.alerts }), 403, 'missing_scope');
  });
});

describe('deliveries', () => {
  let endpoint: string;
  let delivered: string;
  let path: string;

  beforeAll(async () => {
    endpoint = await registered();
    path = `/v1/webhooks/${endpoint}/deliveries`;
    const at = new Date('2026-11-24T06:00:00Z');
    delivered = await api.fleet.delivery(endpoint, {
      status: 'delivered',
      createdAt: at,
      attempts: 2,
      nextAttemptAt: null,
      deliveredAt: at,
    });
    const attempt = { deliveryId: delivered, organisationId: api.fleet.organisationId, at };
    await api.fleet.db.insert(webhookAttempts).values([
      { ...attempt, number: 2, status: 204, latencyMs: 12.5 },
      { ...attempt, number: 1, error: 'connect ECONNREFUSED', latencyMs: 1, responseBody: null },
    ]);
    for (let index = 0; index < 3; index += 1) await api.fleet.delivery(endpoint, { createdAt: at });
  });

  test('are listed with their attempts, the newest first, each once', async () => {
    const { status, body } = await api.get(path, { key: api.keys.read });
    expect(status).toBe(200);
    for (const item of body.items) expect([...Value.Errors(DeliverySchema, item)]).toEqual([]);
    expect(body.items).toHaveLength(4);
    expect(idsOf(await everyPage(api, `${path}?limit=1`))).toEqual(idsOf(body.items));
    const [shown] = (await api.get(`${path}?status=delivered`)).body.items;
    expect(shown).toEqual({
      id: delivered,
      eventId: expect.any(String),
      eventType: 'alert.opened',
      status: 'delivered',
      createdAt: '2026-11-24T06:00:00.000Z',
      attempts: [
        { at: '2026-11-24T06:00:00.000Z', error: 'connect ECONNREFUSED', latencyMs: 1 },
        { at: '2026-11-24T06:00:00.000Z', status: 204, latencyMs: 12.5 },
      ],
    });
  });

  test('refuse a status that does not exist', async () => {
    expectProblem(await api.get(`${path}?status=lost`), 400, 'invalid_request');
  });

  test('are replayed beside the original, with the same event', async () => {
    const replay = await api.call('POST', `${path}/${delivered}/replay`, { key: api.keys.webhooks });
    expect(replay.status).toBe(202);
    expect(replay.body).toMatchObject({ status: 'pending', attempts: [], replayOf: delivered });
    const rows = await api.fleet.db.select().from(webhookDeliveries).where(eq(webhookDeliveries.id, replay.body.id));
    const [original] = await api.fleet.db.select().from(webhookDeliveries).where(eq(webhookDeliveries.id, delivered));
    expect(rows).toMatchObject([
      { eventId: original?.eventId, subject: original?.subject, sequence: original?.sequence, attempts: 0, claimedBy: null },
    ]);
    expect(rows[0]?.nextAttemptAt).toBeInstanceOf(Date);
    // A replay of a replay is one of the original.
    const again = await api.call('POST', `${path}/${replay.body.id}/replay`);
    expect(again.body.replayOf).toBe(delivered);
  });

  test('are not replayed to an endpoint that receives nothing', async () => {
    await change(endpoint, { enabled: false });
    expectProblem(await api.call('POST', `${path}/${delivered}/replay`), 409, 'webhook_not_receiving');
    await change(endpoint, { enabled: true });
  });

  test('that never were are not replayed', async () => {
    expectProblem(await api.call('POST', `${path}/${nobody}/replay`), 404, 'delivery_not_found');
    expectProblem(await api.call('POST', `/v1/webhooks/${nobody}/deliveries/${delivered}/replay`), 404, 'webhook_not_found');
    expectProblem(await api.call('POST', `${path}/${delivered}/replay`, { key: api.keys.read }), 403, 'missing_scope');
    expectProblem(await api.call('POST', `${path}/${delivered}/replay`, { key: api.keys.other }), 404, 'webhook_not_found');
  });
});
