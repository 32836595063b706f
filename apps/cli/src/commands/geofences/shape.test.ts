import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { shapeOf } from './shape.js';

const square = [
  [7, 51],
  [7.1, 51],
  [7.1, 51.1],
  [7, 51.1],
  [7, 51],
];
const folder = mkdtempSync(join(tmpdir(), 'milepost-shape-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const file = (content: unknown) => {
  files += 1;
  const path = join(folder, `fence-${files}.geojson`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

describe('the shape of a geofence, on the command line', () => {
  it('is a circle of latitude, longitude and metres', async () => {
    expect(await shapeOf({ circle: '52.5, 13.4,300' })).toEqual({
      type: 'Circle',
      center: { latitude: 52.5, longitude: 13.4 },
      radiusM: 300,
    });
  });

  it('is a polygon of a GeoJSON file, also one that is a feature', async () => {
    const polygon = { type: 'Polygon', coordinates: [square] };
    expect(await shapeOf({ polygon: file(polygon) })).toEqual(polygon);
    expect(await shapeOf({ polygon: file({ type: 'Feature', properties: { name: 'yard' }, geometry: polygon }) })).toEqual(polygon);
  });

  it.each([
    [{}, '--circle or --polygon'],
    [{ circle: '1,2,300', polygon: 'x' }, '--circle or --polygon'],
    [{ circle: '52.5,13.4' }, '--circle: "52.5,13.4" is not like'],
    [{ circle: '52.5,13.4,' }, 'not like'],
    [{ circle: '95,13.4,300' }, '--circle: "95,13.4,300" is no circle of a geofence: the latitude must be <= 90'],
    [{ polygon: '/nowhere/to/be/found' }, '--polygon: /nowhere/to/be/found cannot be read: there is no such file'],
    [{ polygon: file('{') }, 'is not JSON'],
    [{ polygon: file({ type: 'Point', coordinates: [1, 2] }) }, 'it holds a Point'],
    [{ polygon: file({ type: 'FeatureCollection', features: [] }) }, 'it holds a FeatureCollection'],
    [{ polygon: file([]) }, 'it holds something else'],
    [{ polygon: file({ type: 'Polygon', coordinates: [[[7, 91], ...square]] }) }, '/coordinates/0/0/1 must be <= 90'],
    [{ polygon: file({ type: 'Polygon' }) }, '/coordinates must be array'],
    [
      { polygon: file({ type: 'Polygon', coordinates: [square.slice(0, 4)] }) },
      /^--polygon: .*fence-\d+\.geojson cannot be used: \/coordinates\/0 a ring ends where it begins/,
    ],
  ])('refuses %j', (options, message) => expect(shapeOf(options)).rejects.toThrow(message));
});
