import { gzipSync } from 'node:zlib';
import type { ConnectionAttempt, DeadLetter, Diagnostics, Fix, StatusReport, Vehicle } from '@milepost/contracts';
import { eventually, useTestScope } from '@milepost/test-support';
import type { IClientPublishOptions, MqttClient } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Pipeline, startPipeline } from './support/pipeline.js';

describe('what a vehicle publishes', () => {
  const scope = useTestScope();
  let pipeline: Pipeline;
  const start = Date.now() - 600_000;
  const at = (n: number) => new Date(start + n * 1_000).toISOString();
  const fix = (n: number) => ({ recordedAt: at(n), latitude: 52 + n / 1_000, longitude: 13.125, speedKph: n, sequence: n });
  const historyOf = (vehicleId: string) => pipeline.api.all<Fix>(`/v1/vehicles/${vehicleId}/locations`);
  const send = (client: MqttClient, topic: string, payload: unknown, options: IClientPublishOptions = {}) =>
    client.publishAsync(`fleet/${client.options.clientId}/${topic}`, Buffer.isBuffer(payload) ? payload : JSON.stringify(payload), {
      qos: 1,
      ...options,
    });

  beforeAll(async () => {
    pipeline = await startPipeline(scope, { apps: ['broker', 'ingest', 'alerts', 'api'] });
  });

  describe.each([
    { version: 'MQTT 5', protocolVersion: 5, qos: 1 },
    { version: 'MQTT 5', protocolVersion: 5, qos: 2 },
    { version: 'MQTT 3.1.1', protocolVersion: 4, qos: 1 },
    { version: 'MQTT 3.1.1', protocolVersion: 4, qos: 2 },
  ] as const)('over $version with QoS $qos', ({ protocolVersion, qos }) => {
    const vehicleId = `van-${protocolVersion}-${qos}`;
    let client: MqttClient;

    beforeAll(async () => {
      client = await pipeline.vehicle(vehicleId, { protocolVersion });
      await send(client, 'location', fix(3), { qos });
      await send(client, 'location', [fix(1), fix(0), fix(2)], { qos });
      // gzip is recognised by its first bytes: 3.1.1 has no properties to announce it with.
      await send(client, 'location', gzipSync(JSON.stringify([fix(4), fix(5)])), { qos });
      const signals = { 'Vehicle.Powertrain.FuelSystem.RelativeLevel': 61, 'Vehicle.IsMoving': true };
      await send(
        client,
        'diagnostics',
        { recordedAt: at(5), signals, dtcs: [{ code: 'P0420', status: 'active' }], odometerKm: 1234.5 },
        { qos },
      );
      await send(client, 'status', { status: 'online', reason: 'ignition' }, { qos, retain: true });
      await pipeline.settled();
    });

    test('is in its history, in order of time and with what it sent', async () => {
      expect(await historyOf(vehicleId)).toEqual(
        [0, 1, 2, 3, 4, 5].map((n) => ({ ...fix(n), vehicleId, receivedAt: expect.any(String), fixValid: true })),
      );
    });

    test('is told by the vehicle: its newest position, its signals, its faults, its last status, and that it is online', async () => {
      const vehicle = await eventually(async () => {
        const one = await pipeline.api.get<Vehicle>(`/v1/vehicles/${vehicleId}`);
        expect(one.presence.state).toBe('online');
        return one;
      });
      expect(vehicle).toMatchObject({
        id: vehicleId,
        organisation: 'default',
        presence: { state: 'online', connections: 1 },
        position: { latitude: 52.005, longitude: 13.125, recordedAt: at(5), speedKph: 5 },
        status: { status: 'online', reason: 'ignition' },
        signals: {
          'Vehicle.Powertrain.FuelSystem.RelativeLevel': { value: 61, recordedAt: at(5) },
          'Vehicle.IsMoving': { value: true, recordedAt: at(5) },
        },
        dtcs: [{ code: 'P0420', status: 'active', firstSeenAt: at(5), lastSeenAt: at(5) }],
      });
      expect(Date.parse(vehicle.lastContactAt ?? '')).toBeGreaterThan(start);
    });

    test('is among its diagnostics and its status reports', async () => {
      const diagnostics = await pipeline.api.all<Diagnostics>(`/v1/vehicles/${vehicleId}/diagnostics`);
      expect(diagnostics).toMatchObject([
        {
          vehicleId,
          recordedAt: at(5),
          odometerKm: 1234.5,
          dtcs: [{ code: 'P0420', status: 'active' }],
          signals: { 'Vehicle.IsMoving': true },
        },
      ]);
      const reports = await pipeline.api.all<StatusReport>(`/v1/vehicles/${vehicleId}/status-reports`);
      expect(reports).toMatchObject([{ vehicleId, status: 'online', reason: 'ignition' }]);
    });

    test('is on the map, as positions and as GeoJSON', async () => {
      const here = '/v1/positions?bbox=13,51,14,53';
      expect(await pipeline.api.all<Fix>(here)).toContainEqual(expect.objectContaining({ vehicleId, latitude: 52.005, longitude: 13.125 }));
      expect((await pipeline.api.all<Fix>('/v1/positions?bbox=14,51,13,53')).map((one) => one.vehicleId)).not.toContain(vehicleId);
      const geojson = await pipeline.api.get<{ features: unknown[] }>(here, { accept: 'application/geo+json' });
      expect(geojson).toMatchObject({ type: 'FeatureCollection' });
      expect(geojson.features).toContainEqual(
        expect.objectContaining({
          type: 'Feature',
          geometry: { type: 'Point', coordinates: [13.125, 52.005] },
          properties: expect.objectContaining({ vehicleId }),
        }),
      );
    });

    test('twice is stored once', async () => {
      await send(client, 'location', [fix(2), fix(3)], { qos });
      await pipeline.settled();
      expect(await historyOf(vehicleId)).toHaveLength(6);
    });
  });

  test('and is wrong stands among the dead letters with its pointer; its neighbours in the batch are stored', async () => {
    const client = await pipeline.vehicle('van-wrong');
    const batch = [fix(0), { ...fix(1), latitude: 91 }, fix(2), { ...fix(3), vehicleId: 'van-5-1' }, fix(4)];
    await send(client, 'location', batch);
    await send(client, 'diagnostics', Buffer.from('{"recordedAt":'));
    await pipeline.settled();
    expect((await historyOf('van-wrong')).map(({ sequence }) => sequence)).toEqual([0, 2, 4]);
    const letters = (await pipeline.api.all<DeadLetter>('/v1/dead-letters')).filter(({ vehicleId }) => vehicleId === 'van-wrong');
    const location = letters.find(({ topic }) => topic === 'fleet.location');
    expect(location).toMatchObject({
      id: expect.stringMatching(/^fleet\.location\/\d+\/\d+$/),
      errorCount: 2,
      errors: [
        { code: 'invalid_field', pointer: '/1/latitude' },
        { code: 'vehicle_id_mismatch', pointer: '/3/vehicleId' },
      ],
    });
    expect(JSON.parse(Buffer.from(location?.payload ?? '', 'base64').toString())).toEqual(batch);
    expect(letters.find(({ topic }) => topic === 'fleet.diagnostics')).toMatchObject({ errors: [{ code: 'invalid_json', pointer: '' }] });
    expect(letters).toHaveLength(2);
  });

  test('late changes its history and not its position; far ahead of its time it is no position at all', async () => {
    const client = await pipeline.vehicle('van-late');
    await send(client, 'location', fix(10));
    await send(client, 'location', fix(5));
    await send(client, 'location', { ...fix(11), recordedAt: new Date(Date.now() + 3_600_000).toISOString() });
    await pipeline.settled();
    expect((await historyOf('van-late')).map(({ sequence, clockSuspect }) => [sequence, clockSuspect])).toEqual([
      [5, undefined],
      [10, undefined],
      [11, true],
    ]);
    expect(await pipeline.api.get('/v1/vehicles/van-late')).toMatchObject({ position: { sequence: 10 } });
  });

  test('is nothing to another organisation', async () => {
    const client = await pipeline.vehicle('van-secret');
    await send(client, 'location', [fix(0), { ...fix(1), latitude: 91 }]);
    await pipeline.settled();
    const others = await pipeline.apiOf('others');
    expect(await others.all<Vehicle>('/v1/vehicles')).toEqual([]);
    expect(await others.all<Fix>('/v1/positions')).toEqual([]);
    expect(await others.all<DeadLetter>('/v1/dead-letters')).toEqual([]);
    expect(await others.all<ConnectionAttempt>('/v1/connection-attempts')).toEqual([]);
    for (const part of ['', '/locations', '/diagnostics', '/status-reports']) {
      expect((await others.fetch(`/v1/vehicles/van-secret${part}`)).status).toBe(404);
    }
    expect(await pipeline.api.all<Vehicle>('/v1/vehicles')).toContainEqual(expect.objectContaining({ id: 'van-secret' }));
  });
});
