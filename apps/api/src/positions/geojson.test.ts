import { describe, expect, test } from 'vitest';
import { featureCollectionOf, prefersGeoJson } from './geojson.js';

describe('GeoJSON', () => {
  const fix = {
    vehicleId: 'truck-1',
    recordedAt: '2026-11-24T06:00:00.000Z',
    receivedAt: '2026-11-24T06:00:01.000Z',
    latitude: 52.5,
    longitude: 13.4,
  };

  test('puts longitude first, and the height third where there is one (RFC 7946 §3.1.1)', () => {
    const { features } = featureCollectionOf({ items: [fix, { ...fix, altitudeM: 34 }] });
    expect(features.map(({ geometry }) => geometry.coordinates)).toEqual([
      [13.4, 52.5],
      [13.4, 52.5, 34],
    ]);
  });

  test('has the next cursor as a foreign member, or not at all', () => {
    expect(featureCollectionOf({ items: [], nextCursor: 'x' })).toEqual({ type: 'FeatureCollection', features: [], nextCursor: 'x' });
    expect(featureCollectionOf({ items: [] })).not.toHaveProperty('nextCursor');
  });

  test.each([
    [undefined, false],
    ['*/*', false],
    ['application/json', false],
    ['application/geo+json', true],
    ['Application/GEO+JSON; charset=utf-8', true],
    ['application/geo+json, application/json;q=0.5', true],
    ['application/json, application/geo+json;q=0.5', false],
    ['application/geo+json;q=0', false],
  ])('is preferred for Accept: %s → %s', (accept, expected) => {
    expect(prefersGeoJson(accept)).toBe(expected);
  });
});
