import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { advisoryLocks } from '@milepost/database';
import { eventually, type TestApp, type TestDatabase, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOrganisation, type Organisation } from './outbox.js';
import { type Receiver, startReceiver } from './receiver.js';

const scope = useTestScope();
const timeoutMs = 1_500;
let database: TestDatabase;
let app: TestApp;

beforeAll(async () => {
  database = await scope.database();
  // No Kafka anywhere near: webhooks go out without it.
  app = await scope.app('webhooks', {
    DATABASE_URL: database.urlFor('milepost_webhooks'),
    KAFKA_BROKERS: '127.0.0.1:1',
    WEBHOOK_ALLOW: '127.0.0.0/8',
    WEBHOOK_TIMEOUT_MS: String(timeoutMs),
    WEBHOOK_RETRY_SCHEDULE_MS: '0,100,200,400,800',
    WEBHOOK_POLL_MS: '50',
    WEBHOOK_SUSPEND_AFTER_MS: '3600000',
    WEBHOOK_BREAKER_PAUSE_MS: '50',
  });
});

const organisation = (): Promise<Organisation> => createOrganisation(database.owner);

async function receiver(answer?: Receiver['answer']): Promise<Receiver> {
  const started = await startReceiver();
  if (answer) started.answer = answer;
  scope.onEnd(() => started.close());
  return started;
}

async function only<T>(rows: Promise<T[]>): Promise<T> {
  const [row, ...others] = await rows;
  if (row === undefined || others.length > 0) throw new Error(`expected one, there are ${others.length + (row === undefined ? 0 : 1)}`);
  return row;
}

describe('webhooks', () => {
  it('are delivered, signed so that the standardwebhooks package accepts them', async () => {
    const [to, org] = [await receiver(), await organisation()];
    const endpoint = await org.endpoint(to.url);
    const eventId = await org.event(randomUUID(), 1);

    const webhook = await eventually(() => only(Promise.resolve(to.received)));
    expect(webhook).toMatchObject({ id: eventId, verified: true, body: { id: eventId, type: 'alert.opened' } });
    expect(webhook.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'milepost-webhooks/1' });
    await eventually(async () =>
      expect(await only(org.deliveries(endpoint))).toMatchObject({ status: 'delivered', history: [{ status: 204, error: null }] }),
    );
    expect(await app.metric('milepost_webhooks_attempts_total', { endpoint, outcome: 'delivered' })).toBe(1);
  });

  it('go to the endpoints of the event’s organisation that want its type, and to no other', async () => {
    const [all, some, none, foreign] = [await receiver(), await receiver(), await receiver(), await receiver()];
    const [org, other] = [await organisation(), await organisation()];
    await org.endpoint(all.url);
    await org.endpoint(some.url, { eventTypes: ['alert.resolved'] });
    await database.owner.query('update webhook_endpoints set enabled = false where id = $1', [await org.endpoint(none.url)]);
    await other.endpoint(foreign.url);
    const subject = randomUUID();
    await org.event(subject, 1, 'alert.opened');
    await org.event(subject, 2, 'alert.resolved');

    await eventually(() =>
      expect([all, some].map((to) => to.received.map(({ body }) => body.type))).toEqual([
        ['alert.opened', 'alert.resolved'],
        ['alert.resolved'],
      ]),
    );
    expect([none.received, foreign.received]).toEqual([[], []]);
  });

  it('keep their order while the relay marks the earlier event of an alert', async () => {
    const [to, org] = [await receiver(), await organisation()];
    await org.endpoint(to.url);
    const [dispatching, relaying] = [await database.owner.connect(), await database.owner.connect()];
    await dispatching.query('select pg_advisory_lock($1)', [advisoryLocks.dispatch]);
    const subject = randomUUID();
    const first = await org.event(subject, 1, 'alert.opened');
    await org.event(subject, 2, 'alert.resolved');
    await relaying.query('begin');
    await relaying.query('update outbox set relayed_at = now() where event_id = $1', [first]);
    await dispatching.query('select pg_advisory_unlock($1)', [advisoryLocks.dispatch]);
    await delay(700);
    await relaying.query('commit');
    for (const client of [dispatching, relaying]) client.release();

    await eventually(() => expect(to.received.map(({ body }) => body.type)).toHaveLength(2));
    expect(to.received.map(({ body }) => body.type)).toEqual(['alert.opened', 'alert.resolved']);
  });

  it('are repeated after a failure with the same webhook-id, and later events of the same alert wait for them', async () => {
    let failures = 2;
    const to = await receiver((_webhook, response) => void response.writeHead(failures-- > 0 ? 500 : 200).end('said\0 something'));
    const org = await organisation();
    const endpoint = await org.endpoint(to.url);
    const [first, second] = [randomUUID(), randomUUID()];
    const ids = [await org.event(first, 1), await org.event(first, 2), await org.event(first, 3)];
    await eventually(() => expect(to.received.length).toBeGreaterThan(0));
    const otherId = await org.event(second, 1);

    await eventually(() => expect(to.received).toHaveLength(6));
    expect(to.received.filter(({ body }) => body.data.alert?.id === first).map(({ id }) => id)).toEqual(
      // The other alert's event may have met the second failure.
      expect.arrayContaining(ids),
    );
    const ofFirst = to.received.filter(({ body }) => body.data.alert?.id === first).map(({ body }) => body.data.alert?.n ?? 0);
    expect(ofFirst).toEqual([...ofFirst].sort());
    expect(to.received.filter(({ id }) => id === otherId).length).toBeGreaterThan(0);
    expect(to.received.every(({ verified }) => verified)).toBe(true);
    await eventually(async () => {
      const [delivery] = await org.deliveries(endpoint);
      expect(delivery?.status).toBe('delivered');
      expect(delivery?.history.at(0)).toMatchObject({ status: 500, error: 'The receiver answered 500', response_body: 'said something' });
      expect(delivery?.history.at(-1)).toMatchObject({ status: 200, error: null });
    });
  });

  it('are dead when the schedule is over; then the alert’s next event goes out', async () => {
    const org = await organisation();
    const subject = randomUUID();
    const dying = await org.event(subject, 1);
    const to = await receiver((webhook, response) => void response.writeHead(webhook.id === dying ? 500 : 204).end());
    const endpoint = await org.endpoint(to.url);
    // Dispatched anew, now that there is an endpoint.
    await database.owner.query('update outbox set dispatched_at = null where event_id = $1', [dying]);
    const next = await org.event(subject, 2);

    await eventually(() => expect(to.received.map(({ id }) => id)).toEqual([dying, dying, dying, dying, dying, next]));
    await eventually(async () =>
      expect((await org.deliveries(endpoint)).map(({ status, attempts }) => [status, attempts])).toEqual([
        ['dead', 5],
        ['delivered', 1],
      ]),
    );
  });

  it('to a slow endpoint delay no other, and no more than five are in flight there', async () => {
    const slow = await receiver(() => undefined);
    const [quick, org] = [await receiver(), await organisation()];
    const slowEndpoint = await org.endpoint(slow.url);
    await org.endpoint(quick.url);
    await Promise.all(Array.from({ length: 40 }, (_, n) => org.event(randomUUID(), n)));

    await eventually(() => expect(quick.received).toHaveLength(40));
    // What stood in line behind the slow one would come when most of its own had been tried, at five in 1.5 s.
    expect(new Set(slow.received.map(({ id }) => id)).size).toBeLessThan(36);
    await eventually(() => expect(slow.open.most).toBe(5));
    await eventually(async () =>
      expect((await org.deliveries(slowEndpoint)).filter(({ status }) => status === 'failed').length).toBeGreaterThanOrEqual(5),
    );
    expect(slow.open.most).toBe(5);
    const timedOut = (await org.deliveries(slowEndpoint)).find(({ status }) => status === 'failed');
    expect(timedOut?.history[0]).toMatchObject({ status: null, error: `No answer within ${timeoutMs / 1_000} s` });
    expect(timedOut?.history[0]?.latency_ms).toBeGreaterThanOrEqual(timeoutMs - 50);
  });

  it('count by their status line: a receiver that dawdles over the body has them', async () => {
    const to = await receiver((_webhook, response) => void response.writeHead(200).write('x'.repeat(2_000)));
    const org = await organisation();
    const endpoint = await org.endpoint(to.url);
    await org.event(randomUUID(), 1);
    await eventually(async () =>
      expect((await only(org.deliveries(endpoint))).history).toMatchObject([{ status: 200, response_body: 'x'.repeat(1_024) }]),
    );
  });

  it('answered with 410 disable their endpoint', async () => {
    const to = await receiver((_webhook, response) => void response.writeHead(410).end('gone'));
    const org = await organisation();
    const endpoint = await org.endpoint(to.url);
    await org.event(randomUUID(), 1);
    await eventually(async () =>
      expect(await only(org.deliveries(endpoint))).toMatchObject({ status: 'dead', attempts: 1, next_attempt_at: null }),
    );
    await org.event(randomUUID(), 2);
    const { rows } = await database.owner.query('select enabled from webhook_endpoints where id = $1', [endpoint]);
    expect(rows).toEqual([{ enabled: false }]);
    await eventually(async () =>
      expect(
        (await database.owner.query('select from outbox where organisation_id = $1 and dispatched_at is null', [org.id])).rowCount,
      ).toBe(0),
    );
    expect(to.received).toHaveLength(1);
    expect(await org.deliveries(endpoint)).toHaveLength(1);
  });

  it('wait as long as Retry-After says, all of the endpoint', async () => {
    let answers = 0;
    const to = await receiver((_webhook, response) => void response.writeHead(answers++ === 0 ? 429 : 204, { 'retry-after': '2' }).end());
    const org = await organisation();
    await org.endpoint(to.url);
    await org.event(randomUUID(), 1);
    await eventually(() => expect(to.received).toHaveLength(1));
    await eventually(async () =>
      expect(
        (await database.owner.query('select from webhook_endpoints where paused_until > now() and organisation_id = $1', [org.id]))
          .rowCount,
      ).toBe(1),
    );
    await org.event(randomUUID(), 2);
    await eventually(() => expect(to.received).toHaveLength(3));
    expect((to.received[1]?.at ?? 0) - (to.received[0]?.at ?? 0)).toBeGreaterThanOrEqual(1_900);
  });

  it('are replayed beside a delivery that waits for its retry, with the same webhook-id', async () => {
    let answers = 0;
    const to = await receiver(
      (_webhook, response) => void response.writeHead(answers++ === 0 ? 200 : 500, { 'retry-after': '3600' }).end(),
    );
    const org = await organisation();
    const endpoint = await org.endpoint(to.url);
    const subject = randomUUID();
    const first = await org.event(subject, 1);
    await eventually(async () => expect((await only(org.deliveries(endpoint))).status).toBe('delivered'));
    await org.event(subject, 2);
    await eventually(async () => expect((await org.deliveries(endpoint))[1]?.status).toBe('failed'));
    to.answer = (_webhook, response) => void response.writeHead(204).end();
    await database.owner.query(
      `insert into webhook_deliveries (organisation_id, endpoint_id, event_id, event_type, subject, sequence, replay_of)
       select organisation_id, endpoint_id, event_id, event_type, subject, sequence, id from webhook_deliveries where event_id = $1`,
      [first],
    );
    await eventually(() => expect(to.received.at(-1)).toMatchObject({ id: first, verified: true, body: { data: { alert: { n: 1 } } } }));
    expect(to.received).toHaveLength(3);
  });

  it('are signed with both secrets while one replaces the other', async () => {
    const [to, org] = [await receiver(), await organisation()];
    const endpoint = await org.endpoint(to.url);
    const replaceSecret = (until: string) =>
      database.owner.query(
        `update webhook_endpoints set previous_secret = $2, secret = $3, previous_secret_until = now() + $4::interval where id = $1`,
        [endpoint, to.secret, `whsec_${Buffer.from('the new one').toString('base64')}`, until],
      );
    await replaceSecret('1 hour');
    await org.event(randomUUID(), 1);
    await eventually(() => expect(to.received.map(({ verified }) => verified)).toEqual([true]));
    await replaceSecret('-1 second');
    await org.event(randomUUID(), 2);
    await eventually(() => expect(to.received.map(({ verified }) => verified)).toEqual([true, false]));
  });
});
