import { DiagnosticsSchema, FixSchema, StatusReportSchema } from '@milepost/contracts';
import { useTestScope } from '@milepost/test-support';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, everyPage, expectProblem } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;
let truck: number;
const dayMs = 86_400_000;
/** Over midnight: two partitions. */
const start = new Date('2026-11-23T23:59:00Z');
const at = (seconds: number) => new Date(start.getTime() + seconds * 1_000);
const times = (items: { recordedAt: string }[]) => items.map(({ recordedAt }) => recordedAt);

beforeAll(async () => {
  api = await apiUnderTest(scope);
  truck = await api.fleet.vehicle('truck-1');
  const neighbour = await api.fleet.vehicle('truck-2');
  const foreign = await api.otherFleet.vehicle('foreign-1');
  // Not in the order of their time.
  for (const second of [90, 0, 30, 60, 120]) await api.fleet.location(truck, at(second), { speedKph: second });
  await api.fleet.location(neighbour, at(15));
  await api.otherFleet.location(foreign, at(15));
});

describe('GET /v1/vehicles/{id}/locations', () => {
  const path = '/v1/vehicles/truck-1/locations';

  test('answers the fixes of the vehicle, the oldest first, over the bounds of days', async () => {
    const { status, body } = await api.get(path, { key: api.keys.read });
    expect(status).toBe(200);
    expect(times(body.items)).toEqual([0, 30, 60, 90, 120].map((second) => at(second).toISOString()));
    for (const item of body.items) expect([...Value.Errors(FixSchema, item)]).toEqual([]);
    expect(body.items[1]).toEqual({
      vehicleId: 'truck-1',
      recordedAt: at(30).toISOString(),
      receivedAt: new Date(at(30).getTime() + 250).toISOString(),
      latitude: 52.5,
      longitude: 13.4,
      fixValid: true,
      speedKph: 30,
    });
  });

  test('takes from as inclusive and to as exclusive', async () => {
    const { body } = await api.get(`${path}?from=${at(30).toISOString()}&to=${at(90).toISOString()}`);
    expect(times(body.items)).toEqual([at(30), at(60)].map((time) => time.toISOString()));
  });

  test('understands offsets from UTC', async () => {
    const { body } = await api.get(`${path}?from=${encodeURIComponent('2026-11-24T01:00:00+01:00')}`);
    expect(times(body.items)).toEqual([60, 90, 120].map((second) => at(second).toISOString()));
  });

  test('answers an empty list for a time of which nothing is kept', async () => {
    expect((await api.get(`${path}?from=1999-01-01T00:00:00Z&to=1999-01-02T00:00:00Z`)).body).toEqual({ items: [] });
  });

  test('shows each fix exactly once, page by page, also those of one millisecond', async () => {
    const id = await api.fleet.vehicle('truck-ties');
    const identities = [-(2n ** 63n), -3n, -20n, 9n, 10n, 100n, 2n ** 63n - 1n];
    for (const [index, identity] of identities.entries()) await api.fleet.location(id, at(0), { identity, altitudeM: index });
    const items = await everyPage(api, `/v1/vehicles/truck-ties/locations?limit=2&from=${at(0).toISOString()}`);
    expect(items.map(({ altitudeM }) => altitudeM)).toEqual([0, 2, 1, 3, 4, 5, 6]);
  });

  test('shows what was there exactly once while more is stored before, at and behind the page', async () => {
    const id = await api.fleet.vehicle('truck-busy');
    for (let second = 0; second < 40; second += 2) await api.fleet.location(id, at(second), { altitudeM: second });
    const items = await everyPage(api, '/v1/vehicles/truck-busy/locations?limit=3', {
      between: async (page) => {
        await api.fleet.location(id, at(page), { altitudeM: 1_000 + page });
        await api.fleet.location(id, at(39 + page), { altitudeM: 2_000 + page });
      },
    });
    const first = items.filter(({ altitudeM }) => altitudeM < 1_000).map(({ altitudeM }) => altitudeM);
    expect(first).toEqual(Array.from({ length: 20 }, (_, index) => index * 2));
    expect(new Set(items.map((item) => item.altitudeM)).size).toBe(items.length);
    expect(times(items)).toEqual(times(items).toSorted());
  });

  test('goes on behind a cursor within the range that is asked for', async () => {
    const query = `from=${at(30).toISOString()}&to=${at(120).toISOString()}`;
    const items = await everyPage(api, `${path}?limit=1&${query}`);
    expect(times(items)).toEqual([30, 60, 90].map((second) => at(second).toISOString()));
  });

  test('marks fixes without a position, and those whose clock ran ahead', async () => {
    const id = await api.fleet.vehicle('truck-odd');
    await api.fleet.location(id, at(0), { latitude: null, longitude: null, fixValid: false });
    await api.fleet.location(id, at(1), { clockSuspect: true });
    const { body } = await api.get('/v1/vehicles/truck-odd/locations');
    expect(body.items[0]).toMatchObject({ fixValid: false });
    expect(body.items[0]).not.toHaveProperty('latitude');
    expect(body.items[0]).not.toHaveProperty('clockSuspect');
    expect(body.items[1]).toMatchObject({ clockSuspect: true });
  });

  test.each([
    ['from=yesterday', 'from'],
    ['to=2026-11-24', 'to'],
    ['from=2026-02-30T00:00:00Z', 'from'],
    ['from=2026-11-24T00:00:00Z&to=2026-11-23T00:00:00Z', 'to'],
    ['limit=1001', 'limit'],
    ['form=2026-11-24T00:00:00Z', 'form'],
  ])('refuses ?%s and names the parameter', async (query, parameter) => {
    const answer = await api.get(`${path}?${query}`);
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors).toMatchObject([{ parameter }]);
  });

  test.each(['x', 'bm90IGpzb24', Buffer.from('["vehicles","truck-1"]').toString('base64url'), '%7B%7D', 'bnVsbA'])(
    'refuses the cursor %s',
    async (cursor) => {
      const answer = await api.get(`${path}?cursor=${cursor}`);
      expectProblem(answer, 400, 'invalid_cursor');
      expect(answer.body.errors).toMatchObject([{ parameter: 'cursor', code: 'invalid_cursor' }]);
    },
  );

  test('does not show the fixes of another organisation', async () => {
    expectProblem(await api.get('/v1/vehicles/foreign-1/locations'), 404, 'vehicle_not_found');
    expect((await api.get('/v1/vehicles/foreign-1/locations', { key: api.keys.other })).body.items).toHaveLength(1);
  });

  test('says that a cursor is older than what is kept, and gives the oldest one that is not', async () => {
    const id = await api.fleet.vehicle('truck-old');
    const longAgo = new Date(start.getTime() - 20 * dayMs);
    const kept = new Date(start.getTime() - 19 * dayMs);
    for (let index = 0; index < 3; index += 1) await api.fleet.location(id, longAgo, { altitudeM: index });
    await api.fleet.location(id, kept, { altitudeM: 9 });
    const { body } = await api.get('/v1/vehicles/truck-old/locations?limit=1');
    // The day passes out of retention.
    await api.database.owner.query(`drop table locations_p${longAgo.toISOString().slice(0, 10).replaceAll('-', '')}`);

    const answer = await api.get(`/v1/vehicles/truck-old/locations?cursor=${body.nextCursor}`);
    expectProblem(answer, 410, 'cursor_expired');
    const rest = await api.get(`/v1/vehicles/truck-old/locations?cursor=${answer.body.oldestCursor}`);
    expect(rest.status).toBe(200);
    expect(times(rest.body.items)).toEqual([kept.toISOString()]);
  });
});

describe('GET /v1/vehicles/{id}/diagnostics', () => {
  test('answers the reports of the vehicle, the oldest first', async () => {
    await api.fleet.diagnostics(truck, at(60), { signals: { 'Vehicle.Speed': 3 }, engineHours: 12.5, sequence: 4n });
    await api.fleet.diagnostics(truck, at(0), { dtcs: [{ code: 'P0420', status: 'active' }], odometerKm: 1_000 });
    const { status, body } = await api.get('/v1/vehicles/truck-1/diagnostics', { key: api.keys.read });
    expect(status).toBe(200);
    for (const item of body.items) expect([...Value.Errors(DiagnosticsSchema, item)]).toEqual([]);
    expect(body.items).toEqual([
      {
        vehicleId: 'truck-1',
        recordedAt: at(0).toISOString(),
        receivedAt: at(0).toISOString(),
        signals: {},
        dtcs: [{ code: 'P0420', status: 'active' }],
        odometerKm: 1_000,
      },
      {
        vehicleId: 'truck-1',
        recordedAt: at(60).toISOString(),
        receivedAt: at(60).toISOString(),
        signals: { 'Vehicle.Speed': 3 },
        dtcs: [],
        engineHours: 12.5,
        sequence: 4,
      },
    ]);
    expect(await everyPage(api, '/v1/vehicles/truck-1/diagnostics?limit=1')).toEqual(body.items);
  });

  test('refuses a cursor of the locations', async () => {
    const { body } = await api.get('/v1/vehicles/truck-1/locations?limit=1');
    expectProblem(await api.get(`/v1/vehicles/truck-1/diagnostics?cursor=${body.nextCursor}`), 400, 'invalid_cursor');
  });

  test('does not know a vehicle that never was', async () => {
    expectProblem(await api.get('/v1/vehicles/truck-9/diagnostics'), 404, 'vehicle_not_found');
  });
});

describe('GET /v1/vehicles/{id}/status-reports', () => {
  test('answers the status messages of the vehicle in the order of their receipt', async () => {
    await api.fleet.statusReport(truck, at(90), { status: 'offline', reason: 'ignition off' });
    await api.fleet.statusReport(truck, at(0));
    const { status, body } = await api.get('/v1/vehicles/truck-1/status-reports', { key: api.keys.read });
    expect(status).toBe(200);
    for (const item of body.items) expect([...Value.Errors(StatusReportSchema, item)]).toEqual([]);
    expect(body.items).toEqual([
      { vehicleId: 'truck-1', status: 'online', receivedAt: at(0).toISOString() },
      { vehicleId: 'truck-1', status: 'offline', reason: 'ignition off', receivedAt: at(90).toISOString() },
    ]);
    expect(await everyPage(api, '/v1/vehicles/truck-1/status-reports?limit=1')).toEqual(body.items);
    expect((await api.get(`/v1/vehicles/truck-1/status-reports?to=${at(90).toISOString()}`)).body.items).toHaveLength(1);
  });

  test('refuses a limit beyond the largest, and a vehicle that never was', async () => {
    expectProblem(await api.get('/v1/vehicles/truck-1/status-reports?limit=5000'), 400, 'invalid_request');
    expectProblem(await api.get('/v1/vehicles/truck-9/status-reports'), 404, 'vehicle_not_found');
  });
});
