import { randomUUID } from 'node:crypto';
import { eventually, type TestDatabase, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOrganisation } from './outbox.js';
import { startReceiver } from './receiver.js';

const scope = useTestScope();
let database: TestDatabase;

beforeAll(async () => {
  database = await scope.database();
  await scope.app('webhooks', {
    DATABASE_URL: database.urlFor('milepost_webhooks'),
    KAFKA_BROKERS: '127.0.0.1:1',
    WEBHOOK_ALLOW: '127.0.0.0/8',
    WEBHOOK_POLL_MS: '50',
  });
});

async function subscribed() {
  const to = await startReceiver();
  scope.onEnd(() => to.close());
  const org = await createOrganisation(database.owner);
  const endpoint = await org.endpoint(to.url, { eventTypes: ['pipeline.heartbeat', 'alert.opened'] });
  /** As the canary wrote it so long ago, and nobody has dispatched it since. */
  const heartbeat = async (age: string) => {
    const id = randomUUID();
    await database.owner.query(
      `insert into outbox (event_id, organisation_id, type, subject, record_key, body, created_at)
       values ($1, $2, 'pipeline.heartbeat', $1, 'pipeline', $3, now() - $4::interval)`,
      [id, org.id, JSON.stringify({ id, type: 'pipeline.heartbeat', data: { heartbeat: {} } }), age],
    );
    return id;
  };
  return { to, org, endpoint, heartbeat };
}

describe('a heartbeat', () => {
  it('that is over a minute old is not sent, and its delivery says so; a younger one, and any other event, is', async () => {
    const { to, org, endpoint, heartbeat } = await subscribed();
    await heartbeat('65 seconds');
    const fresh = await heartbeat('0 seconds');
    const alert = await org.event(randomUUID(), 1);
    await eventually(() => expect(to.received.map(({ id }) => id).sort()).toEqual([fresh, alert].sort()));
    await eventually(async () =>
      expect((await org.deliveries(endpoint)).map(({ status, history }) => [status, history[0]?.error ?? null])).toEqual([
        ['dead', expect.stringMatching(/^Not sent: a heartbeat of \d+ s ago/)],
        ['delivered', null],
        ['delivered', null],
      ]),
    );
  });

  it('does not wait for a suspended endpoint, as other events do', async () => {
    const { org, endpoint, heartbeat } = await subscribed();
    await database.owner.query('update webhook_endpoints set suspended_at = now() where id = $1', [endpoint]);
    await heartbeat('0 seconds');
    const alert = await org.event(randomUUID(), 1);
    await eventually(async () => expect((await org.deliveries(endpoint)).map(({ event_id }) => event_id)).toEqual([alert]));
  });

  it('goes to who asks for it by its name, and not to who asks for all', async () => {
    const { to, org, endpoint, heartbeat } = await subscribed();
    const ofAll = await org.endpoint(to.url);
    const beat = await heartbeat('0 seconds');
    const alert = await org.event(randomUUID(), 1);
    const eventsOf = async (id: string) => (await org.deliveries(id)).map(({ event_id }) => event_id);
    await eventually(async () => expect([await eventsOf(endpoint), await eventsOf(ofAll)]).toEqual([[beat, alert], [alert]]));
  });
});
