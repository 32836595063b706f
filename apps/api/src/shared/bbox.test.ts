import { describe, expect, test } from 'vitest';
import { bboxOf } from './bbox.js';

describe('a bounding box', () => {
  test('is everywhere when none is asked for', () => {
    expect(bboxOf(undefined)).toEqual({ south: -90, north: 90, longitudes: [[-180, 180]] });
  });

  test.each([
    ['5.8,47.2,15.1,55.1', { south: 47.2, north: 55.1, longitudes: [[5.8, 15.1]] }],
    [' -1 , -2 , +3 , .5 ', { south: -2, north: 0.5, longitudes: [[-1, 3]] }],
    ['7,7,7,7', { south: 7, north: 7, longitudes: [[7, 7]] }],
  ])('%s has one range of longitude', (text, expected) => {
    expect(bboxOf(text)).toEqual(expected);
  });

  test('with west > east crosses the antimeridian', () => {
    expect(bboxOf('177,-20,-170,-10').longitudes).toEqual([
      [177, 180],
      [-180, -170],
    ]);
  });

  test('that ends on the antimeridian has it from both sides', () => {
    expect(bboxOf('170,0,180,1').longitudes).toEqual([
      [170, 180],
      [-180, -180],
    ]);
    expect(bboxOf('-180,0,-170,1').longitudes).toEqual([
      [-180, -170],
      [180, 180],
    ]);
  });

  test.each([
    '',
    '1,2,3',
    '1,2,3,4,5',
    'a,2,3,4',
    '1,2,3,',
    '1,2,3,NaN',
    '1,2,3,Infinity',
    '0x1,2,3,4',
    '181,0,0,0',
    '0,0,-181,0',
    '0,-91,0,0',
    '0,0,0,91',
    '0,2,0,1',
  ])('refuses "%s" and names the parameter', (text) => {
    expect(() => bboxOf(text)).toThrow(
      expect.objectContaining({ code: 'invalid_request', extensions: { errors: [expect.objectContaining({ parameter: 'bbox' })] } }),
    );
  });
});
