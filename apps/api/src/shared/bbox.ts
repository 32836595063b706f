import Type from 'typebox';
import { invalidParameter } from '../problems/problem.js';

export const bboxQuery = {
  bbox: Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'west,south,east,north in degrees (RFC 7946 §5); west > east crosses the antimeridian; default: everywhere',
      examples: ['5.8,47.2,15.1,55.1'],
    }),
  ),
};

type Range = readonly [low: number, high: number];

/** A box on the globe as ranges that a comparison can use. */
export interface Bbox {
  south: number;
  north: number;
  /** One range, or two where the box touches the antimeridian. */
  longitudes: readonly [Range] | readonly [Range, Range];
}

const everywhere: Bbox = { south: -90, north: 90, longitudes: [[-180, 180]] };
const number = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;

/** @throws ApiProblem naming `bbox`. */
export function bboxOf(text: string | undefined): Bbox {
  if (text === undefined) return everywhere;
  const words = text.split(',').map((word) => word.trim());
  if (words.length !== 4 || !words.every((word) => number.test(word))) {
    throw invalidParameter('bbox', 'invalid_bbox', 'must be four numbers: west,south,east,north in degrees');
  }
  const [west, south, east, north] = words.map(Number) as [number, number, number, number];
  if (Math.abs(west) > 180 || Math.abs(east) > 180)
    throw invalidParameter('bbox', 'invalid_bbox', 'west and east lie between -180 and 180');
  if (Math.abs(south) > 90 || Math.abs(north) > 90)
    throw invalidParameter('bbox', 'invalid_bbox', 'south and north lie between -90 and 90');
  if (south > north) throw invalidParameter('bbox', 'invalid_bbox', 'south lies above north; the order is west,south,east,north');
  return { south, north, longitudes: longitudesOf(west, east) };
}

/** 180 and -180 are the same meridian: a box that ends on one side of it has what stands on the other. */
function longitudesOf(west: number, east: number): Bbox['longitudes'] {
  if (west > east)
    return [
      [west, 180],
      [-180, east],
    ];
  if (east === 180)
    return [
      [west, 180],
      [-180, -180],
    ];
  if (west === -180)
    return [
      [-180, east],
      [180, 180],
    ];
  return [[west, east]];
}
