import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createApiKey } from '@milepost/database';
import { eventually, type OwnKafka, type TestApp, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Pipeline, type PipelineApp, startPipeline } from './support/pipeline.js';
import { startWebhookReceiver, type WebhookReceiver } from './support/webhook-receiver.js';

const HEARTBEAT_MS = 3_000;
/** What was under way when a process stopped has come by then: a message counts for 3.5 s (interval and time-out of a round), and is delivered at once. */
const SETTLED_MS = 10_000;
/** In each a heartbeat would have been due several times. */
const SILENCE_MS = 3 * HEARTBEAT_MS;
/** Longer than the presence log may lag: its partitions' clocks stay so far behind the wall clock for good. */
const OUTAGE_MS = 35_000;
const patience = { timeoutMs: 60_000 };

describe('the heartbeat', () => {
  const scope = useTestScope();
  let kafka: OwnKafka;
  let pipeline: Pipeline;
  let receiver: WebhookReceiver;
  let forAll: WebhookReceiver;
  let canary: TestApp;

  beforeAll(async () => {
    kafka = await scope.ownKafka();
    pipeline = await startPipeline(scope, { kafkaBrokers: kafka.brokers });
    receiver = await startWebhookReceiver(scope, pipeline.api, ['pipeline.heartbeat']);
    forAll = await startWebhookReceiver(scope, pipeline.api);
    const { certificatePem, privateKeyPem } = await pipeline.pki.issue('milepost-canary');
    const [certificate, key] = [join(pipeline.pki.dir, 'canary.crt'), join(pipeline.pki.dir, 'canary.key')];
    await Promise.all([writeFile(certificate, certificatePem), writeFile(key, privateKeyPem, { mode: 0o600 })]);
    canary = await scope.app('canary', {
      DATABASE_URL: pipeline.database.urlFor('milepost_canary'),
      MQTT_URL: `mqtts://localhost:${pipeline.mqttPort}`,
      MQTT_CA_FILE: pipeline.pki.authority.files.certificate,
      CANARY_CERT_FILE: certificate,
      CANARY_KEY_FILE: key,
      API_URL: pipeline.apiUrl,
      API_KEY: (await createApiKey(pipeline.database.owner, { name: 'canary', organisation: 'default', scopes: ['read'] })).key,
      CANARY_INTERVAL_MS: '500',
      CANARY_ROUND_TIMEOUT_MS: '3000',
      HEARTBEAT_INTERVAL_MS: String(HEARTBEAT_MS),
    });
  });

  const nextHeartbeat = async () => {
    const count = receiver.events.length;
    await eventually(() => expect(receiver.events.length).toBeGreaterThan(count), patience);
    return receiver.events.at(-1);
  };

  test('is signed, tells how the loop closed, and goes to those alone who ask for it', async () => {
    const heartbeat = await nextHeartbeat();
    expect(heartbeat).toMatchObject({
      type: 'pipeline.heartbeat',
      data: { heartbeat: { loopSeconds: expect.any(Number), loopClosedAt: expect.any(String), presenceJudgedUntil: expect.any(String) } },
    });
    expect(Date.now() - Date.parse(heartbeat?.data.heartbeat?.loopClosedAt ?? '')).toBeLessThan(30_000);
    expect(receiver.rejected).toEqual([]);
    expect(forAll.events.filter(({ type }) => type === 'pipeline.heartbeat')).toEqual([]);
    expect(await canary.metric('milepost_canary_rounds_total', { outcome: 'closed' })).toBeGreaterThan(0);
  });

  test.each<PipelineApp>(['ingest', 'alerts', 'webhooks'])('stops with %s, and comes back with it', async (name) => {
    await nextHeartbeat();
    pipeline.app(name).signal('SIGSTOP');
    try {
      await delay(SETTLED_MS);
      const count = receiver.events.length;
      await delay(SILENCE_MS);
      expect(receiver.events.length).toBe(count);
      if (name !== 'webhooks') {
        expect(canary.logs).toContainEqual(expect.objectContaining({ event: 'canary.heartbeat.withheld', reason: expect.any(String) }));
      }
    } finally {
      pipeline.app(name).signal('SIGCONT');
    }
    await nextHeartbeat();
  });

  test('stops while Kafka is away, and comes back behind an outage that the clocks of presence leave out', async () => {
    await nextHeartbeat();
    await kafka.stop();
    await delay(SETTLED_MS);
    const count = receiver.events.length;
    await delay(OUTAGE_MS - SETTLED_MS);
    expect(receiver.events.length).toBe(count);
    await kafka.start();
    await nextHeartbeat();
  });
});
