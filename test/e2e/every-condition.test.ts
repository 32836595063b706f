import type { Alert, AlertType, Event, Geofence, GeofenceCrossing } from '@milepost/contracts';
import { eventually, useTestScope } from '@milepost/test-support';
import type { MqttClient } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { outcomeOf, vehicleClient } from '../integration/broker/vehicle.js';
import { type Pipeline, startPipeline } from './support/pipeline.js';
import { startWebhookReceiver, type WebhookReceiver } from './support/webhook-receiver.js';

const patience = { timeoutMs: 30_000, everyMs: 50 };
const DAY_MS = 86_400_000;
const QUOTA_EXCEEDED = 0x97;
const square = [
  [11.0, 47.0],
  [11.02, 47.0],
  [11.02, 47.01],
  [11.0, 47.01],
  [11.0, 47.0],
];
const shapes = {
  circle: { type: 'Circle', center: { latitude: 46, longitude: 11 }, radiusM: 500 },
  polygon: { type: 'Polygon', coordinates: [square] },
} as const;
const places = {
  circle: { inside: { latitude: 46, longitude: 11 }, outside: { latitude: 46.02, longitude: 11 } },
  polygon: { inside: { latitude: 47.005, longitude: 11.01 }, outside: { latitude: 47.02, longitude: 11.01 } },
} as const;

describe('each kind of condition, from a vehicle over mutual TLS to the API and a webhook', () => {
  const scope = useTestScope();
  let pipeline: Pipeline;
  let receiver: WebhookReceiver;
  const shown = (vehicleId: string, expected: object[]) =>
    eventually(async () => {
      const found = await pipeline.api.all<Alert>(`/v1/alerts?vehicleId=${vehicleId}`);
      expect(found).toMatchObject(expected);
      return found;
    }, patience);
  const eventsOf = (vehicleId: string): Event[] => receiver.events.filter(({ data }) => data.alert?.vehicleId === vehicleId);
  /** Until what was told of a vehicle's alerts is that, by their type: between two alerts there is no order. */
  const untilTold = (vehicleId: string, expected: Partial<Record<AlertType, string[]>>) =>
    eventually(() => {
      const told: Partial<Record<AlertType, string[]>> = {};
      for (const { type, data } of eventsOf(vehicleId)) {
        if (data.alert === undefined) continue;
        const before = told[data.alert.type] ?? [];
        told[data.alert.type] = [...before, type];
      }
      expect(told).toEqual(expected);
    }, patience);
  const send = (client: MqttClient, topic: string, payload: object) =>
    client.publishAsync(`fleet/${client.options.clientId}/${topic}`, JSON.stringify(payload), { qos: 1 });
  /** Each recorded behind the one before. */
  const recordedNow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return Date.now();
  };
  const report = async (client: MqttClient, fields: object) => send(client, 'diagnostics', { recordedAt: await recordedNow(), ...fields });
  const drive = async (client: MqttClient, ...fixes: { latitude: number; longitude: number }[]) => {
    for (const fix of fixes) await send(client, 'location', { recordedAt: await recordedNow(), ...fix });
  };

  beforeAll(async () => {
    pipeline = await startPipeline(scope);
    receiver = await startWebhookReceiver(scope, pipeline.api);
  });

  test.each([
    ['sos', 'Panic-Button'],
    ['crash', 'Collision'],
  ] as const)('%s, by the event %s of a fix', async (type, name) => {
    const vehicleId = `car-${type}`;
    const client = await pipeline.vehicle(vehicleId);
    const recordedAt = new Date().toISOString();
    await send(client, 'location', { recordedAt, ...places.circle.outside, events: [{ name }] });
    const condition = { event: name, recordedAt, count: 1, position: places.circle.outside };
    await shown(vehicleId, [{ type, status: 'open', severity: 'critical', condition }]);
    await untilTold(vehicleId, { [type]: ['alert.opened'] });
  });

  test('a trouble code', async () => {
    const client = await pipeline.vehicle('car-code');
    await report(client, { dtcs: [{ code: 'P0301', status: 'active' }] });
    await shown('car-code', [{ type: 'dtc', status: 'open', severity: 'warning', condition: { code: 'P0301' } }]);
    await untilTold('car-code', { dtc: ['alert.opened'] });
  });

  test('a low battery, with the third reading in a row, until three say otherwise', async () => {
    const client = await pipeline.vehicle('car-battery');
    const read = async (...readings: number[]) => {
      for (const volts of readings) await report(client, { signals: { 'Vehicle.LowVoltageBattery.CurrentVoltage': volts } });
    };
    await read(12.6, 11.1, 11.2, 11.3);
    await shown('car-battery', [{ type: 'battery_low', status: 'open', condition: { volts: 11.3, thresholdVolts: 11.8 } }]);
    // Above the threshold and within the margin says nothing.
    await read(12, 12.3, 12.3, 12.3);
    await shown('car-battery', [{ type: 'battery_low', status: 'resolved' }]);
    await untilTold('car-battery', { battery_low: ['alert.opened', 'alert.resolved'] });
  });

  test.each(['circle', 'polygon'] as const)('into and out of a geofence that is a %s', async (form) => {
    const fence = { name: form, shape: shapes[form], alertOn: 'both' satisfies GeofenceCrossing };
    const { id } = await pipeline.api.post<Geofence>('/v1/geofences', fence);
    await eventually(async () => expect(await pipeline.app('ingest').metric('milepost_ingest_fenced_organisations')).toBe(1), patience);
    const vehicleId = `car-${form}`;
    const client = await pipeline.vehicle(vehicleId);
    const { inside, outside } = places[form];
    await drive(client, outside, outside, inside, inside);
    const condition = { geofenceId: id, geofenceName: form };
    await shown(vehicleId, [{ type: 'geofence_enter', status: 'open', condition: { ...condition, position: inside } }]);
    await drive(client, outside, outside);
    await shown(vehicleId, [
      { type: 'geofence_exit', status: 'open', condition: { ...condition, position: outside } },
      { type: 'geofence_enter', status: 'resolved' },
    ]);
    await untilTold(vehicleId, { geofence_enter: ['alert.opened', 'alert.resolved'], geofence_exit: ['alert.opened'] });
  });

  test.each([
    [20, 'info'],
    [5, 'warning'],
    [0.5, 'critical'],
  ])('a certificate that ends in %d days, as the vehicle connects: %s', async (days, severity) => {
    const vehicleId = `car-cert-${days}`;
    const notAfter = new Date(Date.now() + days * DAY_MS);
    await pipeline.vehicle(vehicleId, { certificate: await pipeline.pki.issue(vehicleId, { notAfter }) });
    await shown(vehicleId, [{ type: 'certificate_expiring', status: 'open', severity }]);
    await untilTold(vehicleId, { certificate_expiring: ['alert.opened'] });
  });

  test('a certificate whose last week begins while its vehicle is connected is told again, and more loudly', async () => {
    const vehicleId = 'car-cert-week';
    // A certificate's times are whole seconds.
    const notAfter = new Date(Date.now() + 7 * DAY_MS + 6_000);
    await pipeline.vehicle(vehicleId, { certificate: await pipeline.pki.issue(vehicleId, { notAfter }) });
    await untilTold(vehicleId, { certificate_expiring: ['alert.opened', 'alert.reminded'] });
    expect(eventsOf(vehicleId).map(({ data }) => data.alert?.severity)).toEqual(['info', 'warning']);
    await shown(vehicleId, [{ type: 'certificate_expiring', status: 'open', severity: 'warning' }]);
  });

  test('a vehicle that is closed five times for what it publishes is misconfigured, not offline', async () => {
    const vehicleId = 'car-wrong';
    for (let time = 0; time < 5; time += 1) {
      const client = await pipeline.vehicle(vehicleId, { protocolVersion: 4 });
      const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
      client.publish(`fleet/${vehicleId}/weather`, 'rain', { qos: 0 });
      await closed;
    }
    await shown(vehicleId, [{ type: 'misconfigured', status: 'open', severity: 'warning', cause: 'refused_publish' }]);
    await untilTold(vehicleId, { misconfigured: ['alert.opened'] });
  });

  test('two clients that throw each other out are an identity conflict', async () => {
    const vehicleId = 'car-twice';
    const identity = await pipeline.identity(vehicleId);
    const connectOnce = async () => {
      const client = vehicleClient(identity);
      scope.onEnd(() => client.end(true));
      return outcomeOf(client);
    };
    const outcomes: (number | 'closed')[] = [];
    while (outcomes.at(-1) !== QUOTA_EXCEEDED && outcomes.length < 12) outcomes.push(await connectOnce());
    expect(outcomes.at(-1)).toBe(QUOTA_EXCEEDED);
    const alert = { type: 'identity_conflict', status: 'open', severity: 'critical', cause: 'take_over_limit', addresses: ['127.0.0.1'] };
    await shown(vehicleId, [alert]);
    await untilTold(vehicleId, { identity_conflict: ['alert.opened'] });
  });
});
