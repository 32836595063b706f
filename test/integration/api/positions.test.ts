import { FixSchema } from '@milepost/contracts';
import { useTestScope } from '@milepost/test-support';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, everyPage, expectProblem } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;
const idsOf = (items: { vehicleId: string }[]) => items.map(({ vehicleId }) => vehicleId).toSorted();

beforeAll(async () => {
  api = await apiUnderTest(scope);
  const places: Record<string, [latitude: number, longitude: number]> = {
    berlin: [52.5, 13.4],
    fiji: [-17.8, 178],
    samoa: [-13.8, -172],
    meridian: [-16.5, 180],
  };
  for (const [name, [latitude, longitude]] of Object.entries(places)) {
    await api.fleet.latestPosition(await api.fleet.vehicle(name), { latitude, longitude, altitudeM: 34 });
  }
  // Heard of, but without a valid fix until now.
  await api.fleet.latestPosition(await api.fleet.vehicle('silent'), {
    latitude: null,
    longitude: null,
    recordedAt: null,
    receivedAt: null,
  });
  await api.otherFleet.latestPosition(await api.otherFleet.vehicle('foreign-1'));
});

describe('GET /v1/positions', () => {
  test('answers the newest valid fix of every vehicle of the organisation', async () => {
    const { status, body } = await api.get('/v1/positions', { key: api.keys.read });
    expect(status).toBe(200);
    expect(idsOf(body.items)).toEqual(['berlin', 'fiji', 'meridian', 'samoa']);
    for (const item of body.items) expect([...Value.Errors(FixSchema, item)]).toEqual([]);
    expect(body.items[0]).toEqual({
      vehicleId: 'berlin',
      recordedAt: '2026-11-24T06:00:00.000Z',
      receivedAt: '2026-11-24T06:00:00.250Z',
      latitude: 52.5,
      longitude: 13.4,
      fixValid: true,
      altitudeM: 34,
    });
  });

  test.each([
    ['5.8,47.2,15.1,55.1', ['berlin']],
    // From Fiji over the antimeridian to Samoa.
    ['177,-20,-170,-10', ['fiji', 'meridian', 'samoa']],
    ['177,-20,180,-10', ['fiji', 'meridian']],
    ['-180,-20,-170,-10', ['meridian', 'samoa']],
    ['-170,-20,177,-10', []],
    ['-180,-90,180,90', ['berlin', 'fiji', 'meridian', 'samoa']],
  ])('answers what is in the box %s', async (bbox, expected) => {
    const { status, body } = await api.get(`/v1/positions?bbox=${bbox}`);
    expect(status).toBe(200);
    expect(idsOf(body.items)).toEqual(expected);
  });

  test('answers each vehicle once, page by page', async () => {
    expect(idsOf(await everyPage(api, '/v1/positions?limit=1'))).toEqual(['berlin', 'fiji', 'meridian', 'samoa']);
  });

  test('answers GeoJSON to who accepts it', async () => {
    const { status, headers, body } = await api.get('/v1/positions?bbox=5.8,47.2,15.1,55.1', {
      headers: { accept: 'application/geo+json' },
    });
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/geo\+json/);
    expect(headers.vary).toMatch(/accept/i);
    expect(body).toEqual({
      type: 'FeatureCollection',
      features: [
        {
          type: 'Feature',
          id: 'berlin',
          geometry: { type: 'Point', coordinates: [13.4, 52.5, 34] },
          properties: {
            vehicleId: 'berlin',
            recordedAt: '2026-11-24T06:00:00.000Z',
            receivedAt: '2026-11-24T06:00:00.250Z',
            fixValid: true,
            altitudeM: 34,
          },
        },
      ],
    });
  });

  test('carries the next cursor in GeoJSON too', async () => {
    const { body } = await api.get('/v1/positions?limit=2', { headers: { accept: 'application/geo+json' } });
    expect(body.features).toHaveLength(2);
    expect((await api.get(`/v1/positions?cursor=${body.nextCursor}`)).body.items).toHaveLength(2);
  });

  test.each(['1,2,3', 'a,b,c,d', '0,50,10,40', '-181,0,0,10', '0,-91,10,10', '1e1,0,20,10', ',,,'])('refuses the box %s', async (bbox) => {
    const answer = await api.get(`/v1/positions?bbox=${bbox}`);
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors).toMatchObject([{ parameter: 'bbox', code: 'invalid_bbox' }]);
  });
});
