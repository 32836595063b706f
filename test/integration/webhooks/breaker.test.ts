import { randomUUID } from 'node:crypto';
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
    let failuresLeft = Number.POSITIVE_INFINITY;
    const [to, org] = [await receiver(() => (failuresLeft-- > 0 ? 500 : 204)), await createOrganisation(database.owner)];
    const endpoint = await org.endpoint(to.url);
    for (let n = 0; n < 20; n += 1) await org.event(randomUUID(), n);

    const openedAt: Date = await eventually(async () => {
      const { breaker_opened_at } = await stateOf(endpoint);
      if (breaker_opened_at === null) throw new Error('The breaker is not open');
      return breaker_opened_at;
    });
    // A pause begins when the failure before it is recorded.
    const firstProbeAt = openedAt.getTime() + pauseMs;
    const probes = () => to.received.filter(({ at }) => at >= firstProbeAt);
    await eventually(() => expect(probes().length).toBeGreaterThanOrEqual(2));
    // One probe more may fail, and the next one finds the receiver well.
    failuresLeft = 1;
    const atOpening = to.received.length - probes().length;
    // Five in flight when the fifth failed, at most.
    expect(atOpening).toBeGreaterThanOrEqual(5);
    expect(atOpening).toBeLessThanOrEqual(9);

    await eventually(async () => expect((await org.deliveries(endpoint)).every((delivery) => delivery.status === 'delivered')).toBe(true));
    const failed = await app.metric('milepost_webhooks_attempts_total', { endpoint, outcome: 'failed' });
    // Probes that fail: one delivery each, whatever else is due, and no sooner than a pause after the one before.
    const failedProbes = probes().slice(0, failed - atOpening);
    expect(failedProbes.length).toBeGreaterThanOrEqual(2);
    for (const [index, { at }] of failedProbes.entries())
      expect(at - (failedProbes[index - 1]?.at ?? openedAt.getTime())).toBeGreaterThanOrEqual(pauseMs);
    expect(await stateOf(endpoint)).toEqual({ consecutive_failures: 0, breaker_opened_at: null, paused_until: null });
    // An open breaker used up no attempts.
    expect(to.received.length).toBe(failed + 20);
  });

  it('does not open for a receiver that refuses single events: others arrive meanwhile', async () => {
    const org = await createOrganisation(database.owner);
    const to = await startReceiver();
    scope.onEnd(() => to.close());
    to.answer = ({ body }, response) => void response.writeHead((body.data.alert?.n ?? 0) < 0 ? 422 : 204).end();
    const endpoint = await org.endpoint(to.url);
    for (let n = 0; n < 6; n += 1) await org.event(randomUUID(), -1);
    const failed = () => app.metric('milepost_webhooks_attempts_total', { endpoint, outcome: 'failed' });
    // More refusals than failures that open it.
    await eventually(async () => expect(await failed()).toBeGreaterThan(6));
    expect(await stateOf(endpoint)).toMatchObject({ breaker_opened_at: null, paused_until: null });
    const good = await org.event(randomUUID(), 1);
    await eventually(() => expect(to.received.some(({ id }) => id === good)).toBe(true));
    expect(await stateOf(endpoint)).toMatchObject({ breaker_opened_at: null });
  });
});
