import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, type TestApp, type TestDatabase, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOrganisation } from './outbox.js';
import { type Receiver, startReceiver } from './receiver.js';

const scope = useTestScope();
const pauseMs = 1_500;
let database: TestDatabase;
let app: TestApp;

beforeAll(async () => {
  database = await scope.database();
  app = await scope.app('webhooks', {
    DATABASE_URL: database.urlFor('milepost_webhooks'),
    KAFKA_BROKERS: '127.0.0.1:1',
    WEBHOOK_ALLOW: '127.0.0.0/8',
    WEBHOOK_POLL_MS: '50',
    WEBHOOK_RETRY_SCHEDULE_MS: '0,50,50,50,50,50,50,50,50,50,50,50',
    WEBHOOK_BREAKER_FAILURES: '5',
    WEBHOOK_BREAKER_PAUSE_MS: String(pauseMs),
  });
});

async function receiver(status: () => number): Promise<Receiver> {
  const started = await startReceiver();
  started.answer = (_webhook, response) => {
    const code = status();
    setTimeout(() => response.writeHead(code).end(), 20);
  };
  scope.onEnd(() => started.close());
  return started;
}

const stateOf = async (endpoint: string) =>
  (
    await database.owner.query('select consecutive_failures, breaker_opened_at, paused_until from webhook_endpoints where id = $1', [
      endpoint,
    ])
  ).rows[0];

describe('the circuit breaker of an endpoint', () => {
  it('opens after failures in a row, lets one delivery probe after each pause, and closes when that succeeds', async () => {
    let status = 500;
    const [to, org] = [await receiver(() => status), await createOrganisation(database.owner)];
    const endpoint = await org.endpoint(to.url);
    for (let n = 0; n < 20; n += 1) await org.event(randomUUID(), n);

    await eventually(async () => expect((await stateOf(endpoint)).breaker_opened_at).not.toBeNull());
    // Five in flight when the fifth failed, at most.
    await delay(200);
    const atOpening = to.received.length;
    expect(atOpening).toBeGreaterThanOrEqual(5);
    expect(atOpening).toBeLessThanOrEqual(9);
    expect(await app.metric('milepost_webhooks_attempts_total', { endpoint, outcome: 'failed' })).toBe(atOpening);

    // Two probes that fail: one delivery each, whatever else is due.
    await eventually(() => expect(to.received.length).toBe(atOpening + 1));
    await eventually(() => expect(to.received.length).toBe(atOpening + 2));
    const gaps = to.received.slice(atOpening - 1).map(({ at }, index, all) => (index === 0 ? pauseMs : at - (all[index - 1]?.at ?? 0)));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(pauseMs - 100);

    status = 204;
    await eventually(async () => expect((await org.deliveries(endpoint)).every((delivery) => delivery.status === 'delivered')).toBe(true));
    expect(await stateOf(endpoint)).toEqual({ consecutive_failures: 0, breaker_opened_at: null, paused_until: null });
    // An open breaker used up no attempts.
    expect(to.received.length).toBe(atOpening + 2 + 20);
  });

  it('does not open for a receiver that refuses single events: others arrive meanwhile', async () => {
    const org = await createOrganisation(database.owner);
    const to = await startReceiver();
    scope.onEnd(() => to.close());
    to.answer = ({ body }, response) => void response.writeHead((body.data.alert?.n ?? 0) < 0 ? 422 : 204).end();
    const endpoint = await org.endpoint(to.url);
    for (let n = 0; n < 6; n += 1) await org.event(randomUUID(), -1);
    await eventually(() => expect(to.received.length).toBeGreaterThan(6));
    const good = await org.event(randomUUID(), 1);
    await eventually(() => expect(to.received.some(({ id }) => id === good)).toBe(true), { timeoutMs: 1_000 });
    expect(await stateOf(endpoint)).toMatchObject({ breaker_opened_at: null });
  });
});
