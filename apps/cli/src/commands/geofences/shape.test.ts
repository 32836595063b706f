import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shapeOf } from './shape.js';

const square = [
  [7, 51],
  [7.1, 51],
  [7.1, 51.1],
  [7, 51.1],
  [7, 51],
];
const file = (content: unknown) => {
  const path = join(mkdtempSync(join(tmpdir(), 'milepost-shape-')), 'fence.geojson');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

describe('the shape of a geofence, on the command line', () => {
  it('is a circle of latitude, longitude and metres', () => {
    expect(shapeOf({ circle: '52.5, 13.4,300' })).toEqual({ type: 'Circle', center: { latitude: 52.5, longitude: 13.4 }, radiusM: 300 });
  });

  it('is a polygon of a GeoJSON file, also one that is a feature', () => {
    const polygon = { type: 'Polygon', coordinates: [square] };
    expect(shapeOf({ polygon: file(polygon) })).toEqual(polygon);
    expect(shapeOf({ polygon: file({ type: 'Feature', properties: { name: 'yard' }, geometry: polygon }) })).toEqual(polygon);
  });

  it.each([
    [{}, '--circle or --polygon'],
    [{ circle: '1,2,300', polygon: 'x' }, '--circle or --polygon'],
    [{ circle: '52.5,13.4' }, 'not like'],
    [{ circle: '52.5,13.4,' }, 'not like'],
    [{ circle: '95,13.4,300' }, 'no shape'],
    [{ polygon: '/nowhere/to/be/found' }, 'cannot be read'],
    [{ polygon: file('{') }, 'cannot be read'],
    [{ polygon: file({ type: 'Point', coordinates: [1, 2] }) }, 'no shape'],
    [{ polygon: file({ type: 'Polygon', coordinates: [square.slice(0, 4)] }) }, 'ends where it begins'],
  ])('refuses %j', (options, message) => expect(() => shapeOf(options)).toThrow(message));
});
