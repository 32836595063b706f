import { randomUUID } from 'node:crypto';
import { eventually, useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { createOrganisation } from './outbox.js';
import { startReceiver } from './receiver.js';

const scope = useTestScope();

it('an endpoint that keeps failing is suspended, the organisation’s others hear of it, and its deliveries wait until it is enabled', async () => {
  const [database, failing, watching] = [await scope.database(), await startReceiver(), await startReceiver()];
  scope.onEnd(() => Promise.all([failing.close(), watching.close()]));
  failing.answer = (_webhook, response) => void response.writeHead(500).end();
  const org = await createOrganisation(database.owner);
  const endpoint = await org.endpoint(failing.url);
  await org.endpoint(watching.url, { eventTypes: ['webhook.endpoint.suspended'] });
  await scope.app('webhooks', {
    DATABASE_URL: database.urlFor('milepost_webhooks'),
    KAFKA_BROKERS: '127.0.0.1:1',
    WEBHOOK_ALLOW: '127.0.0.0/8',
    WEBHOOK_POLL_MS: '50',
    WEBHOOK_RETRY_SCHEDULE_MS: '0,200,200,200,200,200,200,200,200,200,3600000',
    WEBHOOK_SUSPEND_AFTER_MS: '1000',
    WEBHOOK_BREAKER_PAUSE_MS: '50',
  });
  const subject = randomUUID();
  await org.event(subject, 1);

  const [suspension] = await eventually(() => {
    expect(watching.received).toHaveLength(1);
    return watching.received;
  });
  expect(suspension).toMatchObject({
    verified: true,
    id: suspension?.body.id,
    body: {
      type: 'webhook.endpoint.suspended',
      data: { endpoint: { id: endpoint, url: failing.url, reason: 'No delivery has succeeded for 1 second' } },
    },
  });
  const tried = failing.received.length;
  failing.answer = (_webhook, response) => void response.writeHead(204).end();
  await org.event(subject, 2);
  await eventually(async () => expect(await org.deliveries(endpoint)).toMatchObject([{ status: 'failed' }, { status: 'pending' }]));
  expect(failing.received).toHaveLength(tried);

  await database.owner.query(
    'update webhook_endpoints set suspended_at = null, suspended_reason = null, failing_since = null where id = $1',
    [endpoint],
  );
  await eventually(() => expect(failing.received.slice(tried).map(({ body }) => body.data.alert?.n)).toEqual([1, 2]));
});
