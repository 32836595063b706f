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
    let mayGoOn: () => void = () => undefined;
    const killed = new Promise<void>((resolve) => {
      mayGoOn = resolve;
    });
    // What comes after the first thirty waits for the kill.
    receiver.answer = (_webhook, response) => {
      const answer = () => void response.writeHead(204).end();
      if (receiver.received.length > 30) void killed.then(answer);
      else answer();
    };
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
    const subjects = Array.from({ length: 200 }, () => randomUUID());
    const events = new Map<string, string>();
    for (const n of [1, 2, 3, 4, 5, 6]) {
      const ids = await Promise.all(subjects.map((subject) => org.event(subject, n)));
      for (const [index, id] of ids.entries()) events.set(id, `${subjects[index]} ${n}`);
    }
    const [doomed, survivor] = await Promise.all([scope.app('webhooks', environment), scope.app('webhooks', environment)]);

    await eventually(() => expect(receiver.received.length).toBeGreaterThan(30), { everyMs: 10 });
    await doomed.kill9();
    // At least a thousand were pending when it died.
    expect(receiver.received.length).toBeLessThan(200);
    mayGoOn();
    await eventually(() => expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1_200), { timeoutMs: 90_000 });

    const arrivals = firstArrivals(receiver.received);
    expect([...arrivals.values()].every((numbers) => numbers.join() === '1,2,3,4,5,6')).toBe(true);
    expect(arrivals.size).toBe(200);
    // A repeat has the webhook-id of the first copy: each id means one event, in every copy.
    for (const { id, body } of receiver.received) expect(`${body.data.alert?.id} ${body.data.alert?.n}`).toBe(events.get(id));
    expect(receiver.open.most).toBeLessThanOrEqual(5);
    await eventually(async () => expect((await org.deliveries(endpoint)).every(({ status }) => status === 'delivered')).toBe(true));
    expect(await survivor.stop()).toBe(0);
  }, 150_000);

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
    // Without being given back it would be due after twice the time-out, 30 s.
    await eventually(() => expect(receiver.received).toHaveLength(2), { timeoutMs: 15_000 });
    expect(receiver.received[1]?.id).toBe(receiver.received[0]?.id);
  });
});
