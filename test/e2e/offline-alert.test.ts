import { setTimeout as delay } from 'node:timers/promises';
import type { Alert, Delivery, Event, StatusReport, Vehicle } from '@milepost/contracts';
import { eventually, useTestScope } from '@milepost/test-support';
import type { MqttClient } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { cut, endOf } from '../integration/broker/vehicle.js';
import { type Pipeline, startPipeline } from './support/pipeline.js';
import { startWebhookReceiver, type WebhookReceiver } from './support/webhook-receiver.js';

/** Long enough to be back within it on a busy machine. */
const GRACE_MS = 5_000;
/** The grace, in time of a clock that moves with the leases, and some for the way. */
const LONG_AFTER_THE_GRACE_MS = 10_000;
const patience = { timeoutMs: 20_000 };

describe('a vehicle with a will', () => {
  const scope = useTestScope();
  let pipeline: Pipeline;
  let receiver: WebhookReceiver;
  const alertsOf = (vehicleId: string) => pipeline.api.all<Alert>(`/v1/alerts?vehicleId=${vehicleId}`);
  const eventsOf = (vehicleId: string): Event[] => receiver.events.filter(({ data }) => data.alert?.vehicleId === vehicleId);
  const typesOf = (vehicleId: string) => eventsOf(vehicleId).map(({ type }) => type);
  const presenceOf = async (vehicleId: string) => (await pipeline.api.get<Vehicle>(`/v1/vehicles/${vehicleId}`)).presence;
  const willOf = (vehicleId: string) => ({
    topic: `fleet/${vehicleId}/status`,
    payload: Buffer.from('{"status":"offline","reason":"will"}'),
    qos: 1 as const,
    retain: false,
  });
  const connect = async (vehicleId: string): Promise<MqttClient> => {
    const client = await pipeline.vehicle(vehicleId, { will: willOf(vehicleId) });
    await client.publishAsync(`fleet/${vehicleId}/location`, JSON.stringify({ recordedAt: Date.now(), latitude: 48.1, longitude: 11.5 }), {
      qos: 1,
    });
    return client;
  };

  beforeAll(async () => {
    pipeline = await startPipeline(scope, { environment: { alerts: { OFFLINE_GRACE_MS: String(GRACE_MS) } } });
    receiver = await startWebhookReceiver(scope, pipeline.api);
  });

  test('that loses its network is one alert after its grace, and one signed webhook; its return resolves both', async () => {
    const before = Date.now();
    cut(await connect('bus-lost'));
    await eventually(async () => expect(await presenceOf('bus-lost')).toMatchObject({ state: 'suspect', cause: 'network_error' }));
    expect(await alertsOf('bus-lost')).toEqual([]);

    await eventually(() => expect(typesOf('bus-lost')).toEqual(['alert.opened']), patience);
    expect(Date.now() - before).toBeGreaterThan(GRACE_MS);
    const [opened] = await alertsOf('bus-lost');
    expect(opened).toMatchObject({
      type: 'offline',
      status: 'open',
      cause: 'network_error',
      vehicleId: 'bus-lost',
      lastPosition: { latitude: 48.1, longitude: 11.5 },
      will: { topic: 'fleet/bus-lost/status', payloadBase64: willOf('bus-lost').payload.toString('base64') },
    });
    expect(eventsOf('bus-lost')[0]).toMatchObject({ data: { alert: { id: opened?.id, status: 'open' } } });
    expect(await presenceOf('bus-lost')).toMatchObject({ state: 'offline', cause: 'network_error', connections: 0 });

    await connect('bus-lost');
    await eventually(() => expect(typesOf('bus-lost')).toEqual(['alert.opened', 'alert.resolved']), patience);
    const all = await alertsOf('bus-lost');
    expect(all).toMatchObject([{ id: opened?.id, status: 'resolved', outageSeconds: expect.any(Number) }]);
    expect(all[0]?.outageSeconds).toBeGreaterThan(GRACE_MS / 1_000);
    expect(eventsOf('bus-lost')[1]).toMatchObject({ data: { alert: { id: opened?.id, status: 'resolved' } } });
    expect(await presenceOf('bus-lost')).toMatchObject({ state: 'online', connections: 1 });
    const deliveries = await pipeline.api.all<Delivery>(`/v1/webhooks/${receiver.webhook.id}/deliveries`);
    const ids = eventsOf('bus-lost').map(({ id }) => id);
    expect(deliveries.filter(({ eventId }) => ids.includes(eventId)).map(({ status, attempts }) => [status, attempts.length])).toEqual([
      ['delivered', 1],
      ['delivered', 1],
    ]);
  });

  test('that says goodbye is parked; one that is back within its grace, or is taken over, is online: none of them is an alert', async () => {
    const parked = await connect('bus-parked');
    await parked.endAsync();

    cut(await connect('bus-back'));
    await eventually(async () => expect(await presenceOf('bus-back')).toMatchObject({ state: 'suspect' }));
    await connect('bus-back');

    // The old connection's will is published after the new connection is there: it comes late, and says what was.
    const first = await connect('bus-twice');
    const ended = endOf(first);
    await connect('bus-twice');
    expect(await ended).toBe(0x8e);
    await eventually(async () =>
      expect(await pipeline.api.all<StatusReport>('/v1/vehicles/bus-twice/status-reports')).toMatchObject([
        { status: 'offline', reason: 'will' },
      ]),
    );

    await delay(LONG_AFTER_THE_GRACE_MS);
    expect(await presenceOf('bus-parked')).toMatchObject({ state: 'parked', cause: 'client_disconnect', connections: 0 });
    expect(await presenceOf('bus-back')).toMatchObject({ state: 'online', connections: 1 });
    expect(await presenceOf('bus-twice')).toMatchObject({ state: 'online', connections: 1 });
    for (const vehicleId of ['bus-parked', 'bus-back', 'bus-twice']) {
      expect(await alertsOf(vehicleId)).toEqual([]);
      expect(typesOf(vehicleId)).toEqual([]);
    }
  });

  test('is told of in webhooks that are all signed, each event once', () => {
    expect(receiver.rejected).toEqual([]);
    expect(receiver.events.map(({ data, type }) => [data.alert?.vehicleId, type])).toEqual([
      ['bus-lost', 'alert.opened'],
      ['bus-lost', 'alert.resolved'],
    ]);
  });
});
