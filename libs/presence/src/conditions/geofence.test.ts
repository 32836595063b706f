import { describe, expect, it } from 'vitest';
import { shapeFaults } from './check-shape.js';
import { sideOf } from './geofence.js';

const policy = { marginM: 25, fixes: 2, maxAccuracyM: 100 };
const circle = (latitude: number, longitude: number, radiusM: number) => ({
  shape: { type: 'Circle' as const, center: { latitude, longitude }, radiusM },
});
const polygon = (...rings: [number, number][][]) => ({ shape: { type: 'Polygon' as const, coordinates: rings } });
const square = (west: number, south: number, size: number): [number, number][] => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
];

describe('sides of a fence', () => {
  it.each([
    ['its centre', 51, 7, 'inside'],
    ['just within the radius', 51.00089, 7, 'inside'],
    ['11 m beyond it', 51.001, 7, 'unsure'],
    ['44 m beyond it', 51.0013, 7, 'outside'],
  ])('a circle of 100 m takes %s for %s', (_, latitude, longitude, side) => {
    expect(sideOf(circle(51, 7, 100), { latitude: latitude as number, longitude: longitude as number }, policy)).toBe(side);
  });

  it('a circle may lie across the antimeridian', () => {
    expect(sideOf(circle(0, 179.9995, 200), { latitude: 0, longitude: -179.9998 }, policy)).toBe('inside');
    expect(sideOf(circle(0, 179.9995, 200), { latitude: 0, longitude: -179.99 }, policy)).toBe('outside');
  });

  it('a hole of a polygon is outside of it', () => {
    const ring = polygon(square(7, 51, 0.1), square(7.04, 51.04, 0.02));
    expect(sideOf(ring, { latitude: 51.02, longitude: 7.02 }, policy)).toBe('inside');
    expect(sideOf(ring, { latitude: 51.05, longitude: 7.05 }, policy)).toBe('outside');
    // 14 m within the hole.
    expect(sideOf(ring, { latitude: 51.05, longitude: 7.0402 }, policy)).toBe('unsure');
  });

  it.each([
    [0, 0],
    [51, 7],
    [-33.9, 151.2],
    [69.6, 18.9],
  ])('a margin is as many metres at %f, %f as anywhere', (south, west) => {
    const fence = polygon(square(west, south, 0.01));
    const metres = (m: number) => m / 111_195;
    const beyond = (m: number) => ({ latitude: south + 0.005, longitude: west - metres(m) / Math.cos(((south + 0.005) * Math.PI) / 180) });
    expect(sideOf(fence, beyond(23), policy)).toBe('unsure');
    expect(sideOf(fence, beyond(27), policy)).toBe('outside');
    expect(sideOf(fence, beyond(-1), policy)).toBe('inside');
  });

  it('a concave polygon is not its bounding box', () => {
    const corner = polygon([
      [7, 51],
      [7.1, 51],
      [7.1, 51.01],
      [7.01, 51.01],
      [7.01, 51.1],
      [7, 51.1],
      [7, 51],
    ]);
    expect(sideOf(corner, { latitude: 51.05, longitude: 7.05 }, policy)).toBe('outside');
    expect(sideOf(corner, { latitude: 51.05, longitude: 7.005 }, policy)).toBe('inside');
  });
});

describe('shapes', () => {
  it('a closed ring with an area is fine, a circle always', () => {
    expect(shapeFaults(polygon(square(7, 51, 0.1), square(7.04, 51.04, 0.02)).shape)).toEqual([]);
    expect(shapeFaults(circle(0, 180, 1_000).shape)).toEqual([]);
  });

  it('a hole may touch the outer ring, and lie in a corner of one that is not convex', () => {
    const outer: [number, number][] = [
      [0, 0],
      [4, 0],
      [4, 4],
      [2, 1],
      [0, 4],
      [0, 0],
    ];
    expect(shapeFaults(polygon(outer, square(0, 0, 0.5)).shape)).toEqual([]);
    expect(shapeFaults(polygon(outer, square(3, 1, 0.5)).shape)).toEqual([]);
  });

  it.each([
    ['far away', square(9, 9, 0.5)],
    ['partly', square(3.8, 1, 0.5)],
    ['around it', square(-1, -1, 9)],
    ['between two arms of it', square(1.9, 2, 0.2)],
    [
      'with its corners alone inside',
      [
        [0.2, 3],
        [3.8, 3],
        [3.8, 0.2],
        [0.2, 0.2],
        [0.2, 3],
      ],
    ],
  ])('a hole outside of the outer ring is refused: %s', (_, hole) => {
    const outer: [number, number][] = [
      [0, 0],
      [4, 0],
      [4, 4],
      [2, 1],
      [0, 4],
      [0, 0],
    ];
    expect(shapeFaults(polygon(outer, hole as [number, number][]).shape)).toMatchObject([
      { code: 'hole_outside', pointer: '/coordinates/1' },
    ]);
  });

  it.each([
    ['ring_not_closed', square(7, 51, 0.1).slice(0, 4)],
    [
      'ring_without_area',
      [
        [7, 51],
        [7.1, 51],
        [7.2, 51],
        [7, 51],
      ],
    ],
    [
      'ring_crosses_itself',
      [
        [0, 0],
        [2, 1],
        [2, 0],
        [0, 3],
        [0, 0],
      ],
    ],
    [
      'ring_crosses_itself',
      [
        [0, 0],
        [1, 1],
        [1, 0],
        [0, 1],
        [0, 0],
      ],
    ],
    [
      'crosses_antimeridian',
      [
        [179, 0],
        [-179, 0],
        [-179, 1],
        [179, 1],
        [179, 0],
      ],
    ],
  ])('refuses with %s, and says which ring', (code, ring) => {
    expect(shapeFaults(polygon(square(7, 51, 0.1), ring as [number, number][]).shape)).toMatchObject([{ code, pointer: '/coordinates/1' }]);
  });
});
