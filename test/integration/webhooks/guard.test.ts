import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, type TestDatabase, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOrganisation } from './outbox.js';
import { startReceiver } from './receiver.js';

const scope = useTestScope();
let database: TestDatabase;

beforeAll(async () => {
  database = await scope.database();
});

const environment = (allow: string) => ({
  DATABASE_URL: database.urlFor('milepost_webhooks'),
  KAFKA_BROKERS: '127.0.0.1:1',
  WEBHOOK_ALLOW: allow,
  WEBHOOK_POLL_MS: '50',
  WEBHOOK_RETRY_SCHEDULE_MS: '0,60000',
});

describe('the outbound guard', () => {
  it('lets nothing reach this machine, nor follow a redirect to it, unless WEBHOOK_ALLOW lists it', async () => {
    const [receiver, redirecting] = [await startReceiver(), await startReceiver()];
    scope.onEnd(() => Promise.all([receiver.close(), redirecting.close()]));
    redirecting.answer = (_webhook, response) => void response.writeHead(307, { location: receiver.url }).end();
    const org = await createOrganisation(database.owner);
    const port = new URL(receiver.url).port;
    const urls = ['127.0.0.1', 'localhost', '127.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '0.0.0.0'].flatMap((host) => [
      `http://${host}:${port}/`,
      `https://${host}:${port}/`,
    ]);
    const endpoints = await Promise.all(urls.map((url) => org.endpoint(url)));
    await org.event(randomUUID(), 1);

    const strict = await scope.app('webhooks', environment(''));
    await eventually(async () => {
      for (const endpoint of endpoints) {
        expect((await org.deliveries(endpoint))[0]).toMatchObject({
          status: 'failed',
          history: [{ status: null, error: expect.stringContaining('WEBHOOK_ALLOW') }],
        });
      }
    });
    expect(await strict.stop()).toBe(0);
    expect(receiver.received).toEqual([]);

    const other = await createOrganisation(database.owner);
    const toRedirect = await other.endpoint(redirecting.url);
    await other.event(randomUUID(), 1);
    const allowing = await scope.app('webhooks', environment('127.0.0.0/8'));
    await eventually(async () =>
      expect((await other.deliveries(toRedirect))[0]).toMatchObject({
        status: 'failed',
        history: [{ status: 307, error: `The receiver answered 307: redirects are not followed (to ${receiver.url})` }],
      }),
    );
    expect(receiver.received).toEqual([]);
    expect(await allowing.stop()).toBe(0);
  });

  it('takes an https receiver only with a certificate that it can trust', async () => {
    const [pki, org] = [await scope.pki(), await createOrganisation(database.owner)];
    const [cert, key] = [pki.environment.MQTT_TLS_CERT_FILE, pki.environment.MQTT_TLS_KEY_FILE].map((file) => readFileSync(file ?? ''));
    const caFile = join(pki.dir, 'receivers-ca.pem');
    writeFileSync(caFile, pki.caPem);
    if (!cert || !key) throw new Error('no server certificate');
    const receiver = await startReceiver({ cert, key });
    scope.onEnd(() => receiver.close());
    const url = receiver.url.replace('127.0.0.1', 'localhost');
    const endpoint = await org.endpoint(url);
    await org.event(randomUUID(), 1);

    const distrustful = await scope.app('webhooks', environment('127.0.0.0/8'));
    await eventually(async () =>
      expect((await org.deliveries(endpoint))[0]).toMatchObject({
        status: 'failed',
        history: [{ status: null, error: expect.stringContaining('certificate') }],
      }),
    );
    expect(await distrustful.stop()).toBe(0);
    await database.owner.query('update webhook_deliveries set next_attempt_at = now() where endpoint_id = $1', [endpoint]);
    await scope.app('webhooks', { ...environment('127.0.0.0/8'), WEBHOOK_CA_FILE: caFile });
    await eventually(async () => expect((await org.deliveries(endpoint))[0]).toMatchObject({ status: 'delivered', attempts: 2 }));
    expect(receiver.received).toMatchObject([{ verified: true }]);
  });
});
