import { randomUUID } from 'node:crypto';
import { eventually, useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { createOrganisation } from './outbox.js';
import { startReceiver } from './receiver.js';

const scope = useTestScope();

it('what is older than 30 days is forgotten: deliveries with their attempts, then events that nobody needs, then deleted endpoints', async () => {
  const database = await scope.database();
  const { owner } = database;
  const org = await createOrganisation(owner);
  const [endpoint, deleted] = [await org.endpoint('http://127.0.0.1:1/'), await org.endpoint('http://127.0.0.1:1/deleted')];
  const event = async (age: string, { relayed = true } = {}) => {
    const id = await org.event(randomUUID(), 1);
    await owner.query(
      `update outbox set created_at = now() - $2::interval, dispatched_at = now(), relayed_at = case when $3 then now() end where event_id = $1`,
      [id, age, relayed],
    );
    return id;
  };
  const delivery = async (eventId: string, to: string, status: string, age: string, lastAge = age) => {
    await owner.query(
      `with d as (
         insert into webhook_deliveries (organisation_id, endpoint_id, event_id, event_type, subject, sequence, status, created_at, delivered_at, next_attempt_at)
         select organisation_id, $2, event_id, type, subject, id, $3, now() - $4::interval, case when $3 = 'delivered' then now() - $5::interval end, null
           from outbox where event_id = $1
         returning id, organisation_id
       ) insert into webhook_attempts (delivery_id, number, organisation_id, at, latency_ms) select id, 1, organisation_id, now() - $5::interval, 1 from d`,
      [eventId, to, status, age, lastAge],
    );
    return eventId;
  };
  await event('31 days');
  await delivery(await event('31 days'), endpoint, 'delivered', '31 days');
  await delivery(await event('31 days'), endpoint, 'failed', '31 days');
  await delivery(await event('31 days'), deleted, 'dead', '31 days');
  const kept = [
    await event('31 days', { relayed: false }),
    await event('29 days'),
    await delivery(await event('29 days'), endpoint, 'delivered', '29 days'),
    // Waited long for its endpoint and went out a day ago.
    await delivery(await event('31 days'), endpoint, 'delivered', '31 days', '1 day'),
    // And one that was refused then: what was tried is kept as long.
    await delivery(await event('31 days'), endpoint, 'dead', '31 days', '1 day'),
  ];
  await owner.query(`update webhook_endpoints set deleted_at = now() - interval '31 days' where id = $1`, [deleted]);

  const app = await scope.app('webhooks', { DATABASE_URL: database.urlFor('milepost_webhooks'), KAFKA_BROKERS: '127.0.0.1:1' });
  await eventually(async () => {
    const events = await owner.query<{ event_id: string }>('select event_id from outbox order by id');
    expect(events.rows.map(({ event_id }) => event_id)).toEqual(kept);
    const deliveries = await owner.query<{ event_id: string }>('select event_id from webhook_deliveries order by sequence');
    expect(deliveries.rows.map(({ event_id }) => event_id)).toEqual(kept.slice(2));
    expect((await owner.query('select from webhook_attempts')).rowCount).toBe(3);
    expect((await owner.query('select id from webhook_endpoints')).rows).toEqual([{ id: endpoint }]);
  });
  expect(await app.metric('milepost_webhooks_forgotten_rows_total', { kind: 'undelivered' })).toBe(1);
});

it('the attempts of an endpoint that is deleted leave the metrics', async () => {
  const [database, receiver] = [await scope.database(), await startReceiver()];
  scope.onEnd(() => receiver.close());
  const org = await createOrganisation(database.owner);
  const [kept, deleted] = [await org.endpoint(receiver.url), await org.endpoint(receiver.url)];
  const app = await scope.app('webhooks', {
    DATABASE_URL: database.urlFor('milepost_webhooks'),
    KAFKA_BROKERS: '127.0.0.1:1',
    WEBHOOK_ALLOW: '127.0.0.0/8',
  });
  await org.event(randomUUID(), 1);
  const delivered = (endpoint: string) => app.metric('milepost_webhooks_attempts_total', { endpoint, outcome: 'delivered' });
  await eventually(async () => expect([await delivered(kept), await delivered(deleted)]).toEqual([1, 1]));
  await database.owner.query('update webhook_endpoints set deleted_at = now() where id = $1', [deleted]);
  await eventually(async () => expect([await delivered(kept), await delivered(deleted)]).toEqual([1, 0]), { timeoutMs: 30_000 });
});
