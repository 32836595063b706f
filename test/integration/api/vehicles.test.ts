import { VehicleSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, everyPage, expectProblem } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;
const instant = (text: string) => new Date(text);

beforeAll(async () => {
  api = await apiUnderTest(scope);
  const { fleet } = api;
  const known = await fleet.vehicle('truck-1', { vin: 'WDB9634031L123456', name: 'The blue one' });
  await fleet.vehicle('truck-0');
  await fleet.latestPosition(known, {
    clockOffsetMs: -250n,
    speedKph: 81.5,
    sequence: 7n,
    events: [{ name: 'SOS', severity: 'critical' }],
    status: 'online',
    statusReason: 'boot',
    statusReceivedAt: instant('2026-11-24T05:00:00Z'),
  });
  await fleet.db.insert(schema.vehiclePresence).values({
    vehicle: known,
    organisationId: fleet.organisationId,
    presencePartition: 0,
    state: 'suspect',
    since: instant('2026-11-24T06:01:00Z'),
    cause: 'keepalive_timeout',
    connections: 0,
    lastContactAt: instant('2026-11-24T06:00:30Z'),
    machine: {},
  });
  const signal = { vehicle: known, organisationId: fleet.organisationId, recordedAt: instant('2026-11-24T05:59:00Z'), identity: 1n };
  await fleet.db.insert(schema.latestSignals).values([
    { ...signal, name: 'Vehicle.Speed', value: 81.5 },
    { ...signal, name: 'Vehicle.IsMoving', value: true },
  ]);
  const dtc = {
    vehicle: known,
    organisationId: fleet.organisationId,
    firstSeenAt: signal.recordedAt,
    lastSeenAt: signal.recordedAt,
    identity: 1n,
  };
  await fleet.db.insert(schema.dtcStates).values([
    { ...dtc, dtc: 'P0420', code: 'P0420', status: 'active' },
    { ...dtc, dtc: '110/0', spn: 110, fmi: 0, oc: 3, status: 'pending' },
    { ...dtc, dtc: 'P0171', code: 'P0171', status: 'cleared' },
  ]);
  await api.otherFleet.vehicle('foreign-1');
});

describe('GET /v1/vehicles/{id}', () => {
  test('shows all that is known of a vehicle', async () => {
    const { status, body } = await api.get('/v1/vehicles/truck-1', { key: api.keys.read });
    expect(status).toBe(200);
    expect([...Value.Errors(VehicleSchema, body)]).toEqual([]);
    expect(body).toMatchObject({
      id: 'truck-1',
      organisation: 'default',
      vin: 'WDB9634031L123456',
      name: 'The blue one',
      clockOffsetMs: -250,
      lastContactAt: '2026-11-24T06:00:30.000Z',
      presence: { state: 'suspect', since: '2026-11-24T06:01:00.000Z', cause: 'keepalive_timeout', connections: 0 },
      position: {
        vehicleId: 'truck-1',
        recordedAt: '2026-11-24T06:00:00.000Z',
        receivedAt: '2026-11-24T06:00:00.250Z',
        latitude: 52.5,
        longitude: 13.4,
        speedKph: 81.5,
        sequence: 7,
        events: [{ name: 'SOS', severity: 'critical' }],
      },
      status: { status: 'online', reason: 'boot', receivedAt: '2026-11-24T05:00:00.000Z' },
      signals: {
        'Vehicle.Speed': { value: 81.5, recordedAt: '2026-11-24T05:59:00.000Z' },
        'Vehicle.IsMoving': { value: true, recordedAt: '2026-11-24T05:59:00.000Z' },
      },
    });
  });

  test('shows faults until they are cleared', async () => {
    const { body } = await api.get('/v1/vehicles/truck-1');
    expect(body.dtcs).toEqual([
      { spn: 110, fmi: 0, oc: 3, status: 'pending', firstSeenAt: '2026-11-24T05:59:00.000Z', lastSeenAt: '2026-11-24T05:59:00.000Z' },
      { code: 'P0420', status: 'active', firstSeenAt: '2026-11-24T05:59:00.000Z', lastSeenAt: '2026-11-24T05:59:00.000Z' },
    ]);
  });

  test('leaves out what is not known, except that the position is null; it was in contact when it was first seen', async () => {
    const { body } = await api.get('/v1/vehicles/truck-0');
    expect(body).toEqual({
      id: 'truck-0',
      organisation: 'default',
      firstSeenAt: expect.any(String),
      lastContactAt: body.firstSeenAt,
      presence: { state: 'unknown', since: body.firstSeenAt, connections: 0 },
      position: null,
      signals: {},
      dtcs: [],
    });
  });

  test.each(['truck-9', 'foreign-1', 'not%20an%20id', '%00', 'x'.repeat(200)])('does not know vehicle %s', async (id) => {
    expectProblem(await api.get(`/v1/vehicles/${id}`), 404, 'vehicle_not_found');
  });

  test('shows a vehicle to its own organisation alone', async () => {
    expect((await api.get('/v1/vehicles/foreign-1', { key: api.keys.other })).status).toBe(200);
    expectProblem(await api.get('/v1/vehicles/truck-1', { key: api.keys.other }), 404, 'vehicle_not_found');
  });
});

describe('GET /v1/vehicles', () => {
  test('lists the vehicles of the organisation in the order of their ids', async () => {
    const { status, body } = await api.get('/v1/vehicles', { key: api.keys.read });
    expect(status).toBe(200);
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual(['truck-0', 'truck-1']);
    expect(body).not.toHaveProperty('nextCursor');
  });

  test('goes through all vehicles, page by page', async () => {
    const items = await everyPage(api, '/v1/vehicles?limit=1');
    expect(items.map(({ id }) => id)).toEqual(['truck-0', 'truck-1']);
  });

  test.each([
    ['limit=1001', 'limit'],
    ['limit=0', 'limit'],
    ['limit=ten', 'limit'],
    ['colour=blue', 'colour'],
  ])('refuses ?%s and names the parameter', async (query, parameter) => {
    const answer = await api.get(`/v1/vehicles?${query}`);
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors).toMatchObject([{ parameter }]);
  });

  test('says which limit there is', async () => {
    expect((await api.get('/v1/vehicles?limit=1001')).body.limit).toBe(1_000);
  });
});
