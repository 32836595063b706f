import { randomUUID } from 'node:crypto';
import { sql } from '@milepost/database';
import { type TestDatabase, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ClaimedDelivery, type DeliveryStore, deliveryStore } from '../../../apps/webhooks/src/deliver/delivery-store.js';
import { endpointHealth, judgeAttempt } from '../../../apps/webhooks/src/deliver/judge-attempt.js';
import { dispatchEvents } from '../../../apps/webhooks/src/dispatch/dispatch-events.js';
import { suspendEndpoints } from '../../../apps/webhooks/src/endpoints/suspend-endpoints.js';
import { createOrganisation } from './outbox.js';

const scope = useTestScope();
const hourMs = 3_600_000;
let database: TestDatabase;
let store: DeliveryStore;

beforeAll(async () => {
  database = await scope.database();
  store = deliveryStore(database.owner, 'a test', { failures: 1, pauseMs: 1_000 });
});

/** An endpoint with so many events, each of an alert of its own, claimed. */
async function claimed(events: number, at = endpointOfItsOwn()) {
  const { org, endpoint } = await at;
  for (let n = 0; n < events; n += 1) await org.event(randomUUID(), n);
  await dispatchEvents(database.owner, 0);
  const deliveries = await store.claim({ leaseMs: hourMs, deliveries: 100, perEndpoint: 5 });
  expect(deliveries).toHaveLength(events);
  return { org, endpoint, deliveries };
}

async function endpointOfItsOwn() {
  const org = await createOrganisation(database.owner);
  return { org, endpoint: await org.endpoint('http://127.0.0.1:1/') };
}

function answer(delivery: ClaimedDelivery | undefined, statusCode: number, options: { retryAfter?: string; scheduleMs?: number[] } = {}) {
  if (!delivery) throw new Error('nothing was claimed');
  // Nobody but the test is to claim the retry: each claims what is due of all endpoints.
  const { retryAfter, scheduleMs = [0, hourMs] } = options;
  const result = { kind: 'answered' as const, statusCode, latencyMs: 1, responseBody: '', ...(retryAfter !== undefined && { retryAfter }) };
  const verdict = judgeAttempt({ result, attemptsBefore: delivery.attempts, scheduleMs, nowMs: Date.now(), random: () => 0 });
  return store.record({ delivery, at: new Date(), result, verdict, health: endpointHealth(result) });
}

const stateOf = async (endpoint: string) =>
  (
    await database.owner.query<{ breakerOpen: boolean; pauseMs: number | null; failingMs: number | null }>(
      `select breaker_opened_at is not null as "breakerOpen",
              extract(epoch from paused_until - now())::float8 * 1000 as "pauseMs",
              extract(epoch from now() - failing_since)::float8 * 1000 as "failingMs"
         from webhook_endpoints where id = $1`,
      [endpoint],
    )
  ).rows[0];

it('a delivery is due after the first wait of the schedule', async () => {
  const { org, endpoint } = await endpointOfItsOwn();
  await org.event(randomUUID(), 1);
  await dispatchEvents(database.owner, hourMs);
  expect(await store.claim({ leaseMs: hourMs, deliveries: 100, perEndpoint: 5 })).toEqual([]);
  const [delivery] = await org.deliveries(endpoint);
  expect((delivery?.next_attempt_at?.getTime() ?? 0) - Date.now()).toBeGreaterThan(hourMs / 2);
});

it.each([
  ['suspended', 'suspended_at = now()', 'suspended_at = null'],
  ['disabled', 'enabled = false', 'enabled = true'],
  ['deleted', 'deleted_at = now()', 'deleted_at = null'],
])('a delivery is not claimed while its endpoint is %s, and is when that is over', async (_, begin, end) => {
  const { org, endpoint } = await endpointOfItsOwn();
  await org.event(randomUUID(), 1);
  await dispatchEvents(database.owner, 0);
  const claimedWhen = async (change: string) => {
    await database.owner.query(`update webhook_endpoints set ${change} where id = $1`, [endpoint]);
    return store.claim({ leaseMs: hourMs, deliveries: 100, perEndpoint: 5 });
  };
  expect(await claimedWhen(begin)).toEqual([]);
  expect(await claimedWhen(end)).toMatchObject([{ endpointId: endpoint }]);
});

describe('the pause that an endpoint asks for', () => {
  it('is kept although a delivery that was under way succeeds and closes the breaker', async () => {
    const { endpoint, deliveries } = await claimed(2);
    await answer(deliveries[0], 503, { retryAfter: '3600' });
    expect((await stateOf(endpoint))?.breakerOpen).toBe(true);
    await answer(deliveries[1], 204);
    const after = await stateOf(endpoint);
    expect(after?.breakerOpen).toBe(false);
    expect(after?.pauseMs).toBeGreaterThan(hourMs / 2);
  });

  it('is kept when it comes with the last attempt of a delivery', async () => {
    const { endpoint, deliveries } = await claimed(1);
    await answer(deliveries[0], 429, { retryAfter: '3600', scheduleMs: [0] });
    expect((await stateOf(endpoint))?.pauseMs).toBeGreaterThan(hourMs / 2);
  });

  it('ends when it was the breaker’s own', async () => {
    const { endpoint, deliveries } = await claimed(2);
    await answer(deliveries[0], 500);
    await answer(deliveries[1], 204);
    expect(await stateOf(endpoint)).toEqual({ breakerOpen: false, pauseMs: null, failingMs: null });
  });
});

describe('the time for which an endpoint has failed', () => {
  it('does not begin with a heartbeat that came too late to be sent', async () => {
    const { endpoint, org, deliveries } = await claimed(1);
    const result = { kind: 'outdated' as const, error: 'Not sent', latencyMs: 0 as const };
    const verdict = judgeAttempt({ result, attemptsBefore: 0, scheduleMs: [0, 1_000], nowMs: Date.now(), random: () => 0 });
    const [delivery] = deliveries;
    if (!delivery) throw new Error('nothing was claimed');
    expect(await store.record({ delivery, at: new Date(), result, verdict, health: endpointHealth(result) })).toBe(true);
    expect(await org.deliveries(endpoint)).toMatchObject([{ status: 'dead' }]);
    expect(await stateOf(endpoint)).toEqual({ breakerOpen: false, pauseMs: null, failingMs: null });
  });

  const longAgo = (endpoint: string) =>
    database.owner.query(`update webhook_endpoints set failing_since = now() - interval '14 days', paused_until = null where id = $1`, [
      endpoint,
    ]);

  it('begins anew with a failure that nothing waited before: one refusal weeks ago does not suspend it', async () => {
    const { endpoint, org, deliveries } = await claimed(1);
    await answer(deliveries[0], 422, { scheduleMs: [0] });
    expect(await org.deliveries(endpoint)).toMatchObject([{ status: 'dead' }]);
    await longAgo(endpoint);
    await database.owner.query(`update webhook_deliveries set created_at = now() - interval '14 days' where endpoint_id = $1`, [endpoint]);
    const later = await claimed(1, Promise.resolve({ org, endpoint }));
    await answer(later.deliveries[0], 500);
    expect((await stateOf(endpoint))?.failingMs).toBeLessThan(hourMs);
    expect(await suspendEndpoints(database.owner, 12 * hourMs)).toEqual([]);
  });

  it('goes on while one event after another dies: that is no pause', async () => {
    const { endpoint, org, deliveries } = await claimed(1);
    await answer(deliveries[0], 422, { scheduleMs: [0] });
    await longAgo(endpoint);
    const later = await claimed(1, Promise.resolve({ org, endpoint }));
    await answer(later.deliveries[0], 422);
    expect((await stateOf(endpoint))?.failingMs).toBeGreaterThan(13 * 24 * hourMs);
    expect(await suspendEndpoints(database.owner, 12 * hourMs)).toEqual([endpoint]);
  });

  it('goes on while a retry is due: a new event that fails as well changes nothing', async () => {
    const { endpoint, org, deliveries } = await claimed(1);
    await answer(deliveries[0], 500);
    await longAgo(endpoint);
    await database.owner.query('update webhook_endpoints set breaker_opened_at = null where id = $1', [endpoint]);
    const later = await claimed(1, Promise.resolve({ org, endpoint }));
    await answer(later.deliveries[0], 500);
    expect((await stateOf(endpoint))?.failingMs).toBeGreaterThan(13 * 24 * hourMs);
    expect(await suspendEndpoints(database.owner, 12 * hourMs)).toEqual([endpoint]);
  });
});

describe('a delivery that was given up while its claim had run out', () => {
  it('stays given up, whatever the answer to it was that comes now', async () => {
    const { endpoint, org, deliveries } = await claimed(1);
    await database.owner.query(`update webhook_deliveries set claimed_until = now() - interval '1 second' where endpoint_id = $1`, [
      endpoint,
    ]);
    const { rows } = await database.owner.query({ ...sql('api/skip-deliveries'), values: [endpoint, 'infinity', 'somebody'] });
    expect(rows).toEqual([{ skipped: 1 }]);
    expect(await answer(deliveries[0], 500)).toBe(false);
    expect(await org.deliveries(endpoint)).toMatchObject([{ status: 'dead', attempts: 0, next_attempt_at: null, history: [] }]);
  });
});
