import { randomUUID } from 'node:crypto';
import { eventually, useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { createOrganisation } from './outbox.js';
import { startReceiver } from './receiver.js';

const scope = useTestScope();

it('ends in order, and gives back what it has claimed, while somebody has locked the outbox', async () => {
  const [database, receiver] = [await scope.database(), await startReceiver()];
  scope.onEnd(() => receiver.close());
  receiver.answer = () => undefined;
  const org = await createOrganisation(database.owner);
  const endpoint = await org.endpoint(receiver.url);
  const app = await scope.app('webhooks', {
    DATABASE_URL: database.urlFor('milepost_webhooks'),
    KAFKA_BROKERS: '127.0.0.1:1',
    WEBHOOK_ALLOW: '127.0.0.0/8',
    WEBHOOK_TIMEOUT_MS: '60000',
  });
  await org.event(randomUUID(), 1);
  await eventually(() => {
    if (receiver.received.length === 0) throw new Error('nothing was sent yet');
  });
  const other = await database.owner.connect();
  await other.query('begin');
  await other.query('lock table outbox in access exclusive mode');
  try {
    await eventually(async () => {
      const waiting = `select from pg_stat_activity where query like '%outbox%' and wait_event_type = 'Lock'`;
      if ((await database.owner.query(waiting)).rows.length === 0) throw new Error('nothing waits for the lock yet');
    });
    expect(await app.stop()).toBe(0);
  } finally {
    await other.query('rollback');
    other.release();
  }
  const { rows } = await database.owner.query('select claimed_by, attempts from webhook_deliveries where endpoint_id = $1', [endpoint]);
  expect(rows).toEqual([{ claimed_by: null, attempts: 0 }]);
});
