import { randomUUID } from 'node:crypto';
import { eventually, useTestScope } from '@milepost/test-support';
import { describe, expect, it } from 'vitest';
import { createOrganisation } from './outbox.js';
import { startReceiver } from './receiver.js';

const scope = useTestScope();

/** Per subject the numbers in the order of their first arrival. */
function firstArrivals(received: { body: { data: { alert?: { id: string; n: number } } } }[]): Map<string, number[]> {
  const arrivals = new Map<string, number[]>();
  for (const { body } of received) {
    const { id = '', n = 0 } = body.data.alert ?? {};
    const seen = arrivals.get(id) ?? [];
    if (!seen.includes(n)) arrivals.set(id, [...seen, n]);
  }
  return arrivals;
}

describe('two webhooks processes, of which one is killed', () => {
  it('deliver each event at least once with one webhook-id, in the order of its alert', async () => {
    const [database, receiver] = [await scope.database(), await startReceiver()];
    scope.onEnd(() => receiver.close());
    receiver.answer = (_webhook, response) => void setTimeout(() => response.writeHead(204).end(), 5);
    const org = await createOrganisation(database.owner);
    const endpoint = await org.endpoint(receiver.url);
    const environment = {
      DATABASE_URL: database.urlFor('milepost_webhooks'),
      KAFKA_BROKERS: '127.0.0.1:1',
      WEBHOOK_ALLOW: '127.0.0.0/8',
      WEBHOOK_TIMEOUT_MS: '1000',
      WEBHOOK_RETRY_SCHEDULE_MS: '0,100,100,100,100',
      WEBHOOK_POLL_MS: '50',
    };
    const [doomed, survivor] = await Promise.all([scope.app('webhooks', environment), scope.app('webhooks', environment)]);
    const subjects = Array.from({ length: 60 }, () => randomUUID());
    for (const n of [1, 2, 3, 4, 5]) await Promise.all(subjects.map((subject) => org.event(subject, n)));

    await eventually(() => expect(receiver.received.length).toBeGreaterThan(30));
    await doomed.kill9();
    const beforeKill = receiver.received.length;
    expect(beforeKill).toBeLessThan(300);
    await eventually(() => expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(300), { timeoutMs: 30_000 });

    const arrivals = firstArrivals(receiver.received);
    expect([...arrivals.values()].every((numbers) => numbers.join() === '1,2,3,4,5')).toBe(true);
    expect(arrivals.size).toBe(60);
    expect(receiver.open.most).toBeLessThanOrEqual(5);
    await eventually(async () => expect((await org.deliveries(endpoint)).every(({ status }) => status === 'delivered')).toBe(true));
    expect(await survivor.stop()).toBe(0);
  });

  it('give back at SIGTERM what they cannot finish, and another repeats it at once', async () => {
    const [database, receiver] = [await scope.database(), await startReceiver()];
    scope.onEnd(() => receiver.close());
    receiver.answer = () => undefined;
    const org = await createOrganisation(database.owner);
    const endpoint = await org.endpoint(receiver.url);
    const environment = {
      DATABASE_URL: database.urlFor('milepost_webhooks'),
      KAFKA_BROKERS: '127.0.0.1:1',
      WEBHOOK_ALLOW: '127.0.0.0/8',
      WEBHOOK_POLL_MS: '50',
    };
    const leaving = await scope.app('webhooks', environment);
    await org.event(randomUUID(), 1);
    await eventually(() => expect(receiver.received).toHaveLength(1));
    expect(await leaving.stop()).toBe(0);
    expect(await org.deliveries(endpoint)).toMatchObject([{ status: 'pending', attempts: 0 }]);

    receiver.answer = (_webhook, response) => void response.writeHead(204).end();
    await scope.app('webhooks', environment);
    await eventually(() => expect(receiver.received).toHaveLength(2), { timeoutMs: 3_000 });
    expect(receiver.received[1]?.id).toBe(receiver.received[0]?.id);
  });
});
