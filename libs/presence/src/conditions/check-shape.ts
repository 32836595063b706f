import type { GeofenceShape } from '@milepost/contracts';

type Position = readonly [number, number];
type Ring = readonly Position[];

/** What makes a shape unusable, where it is (RFC 6901), and what to do. */
export interface ShapeFault {
  code: 'ring_not_closed' | 'crosses_antimeridian' | 'ring_crosses_itself' | 'ring_without_area' | 'hole_outside';
  pointer: string;
  message: string;
}

/** What the schema of a shape cannot say. A circle may lie across ±180°; a polygon may not. */
export function shapeFaults(shape: GeofenceShape): ShapeFault[] {
  if (shape.type === 'Circle') return [];
  const [outer] = shape.coordinates;
  const isOuterUsable = outer !== undefined && ringFault(outer) === undefined;
  return shape.coordinates.flatMap((ring, index) => {
    const fault = ringFault(ring) ?? (index > 0 && isOuterUsable ? holeFault(ring, outer) : undefined);
    return fault === undefined ? [] : [{ ...fault, pointer: `/coordinates/${index}` }];
  });
}

/** What is taken from a polygon must be in it: otherwise two polygons were meant, and what counts as inside would surprise. */
function holeFault(hole: Ring, outer: Ring): Omit<ShapeFault, 'pointer'> | undefined {
  if (isWithin(hole, outer)) return undefined;
  return {
    code: 'hole_outside',
    message:
      'this ring leaves the first one, and rings behind the first are holes in it: draw it within the first, or make a geofence of its own',
  };
}

function ringFault(ring: Ring): Omit<ShapeFault, 'pointer'> | undefined {
  const first = ring[0];
  const last = ring.at(-1);
  if (first === undefined || last === undefined || first[0] !== last[0] || first[1] !== last[1]) {
    return { code: 'ring_not_closed', message: 'a ring ends where it begins: repeat its first position as the last' };
  }
  let twiceArea = 0;
  for (const [index, [longitude, latitude]] of ring.slice(0, -1).entries()) {
    const [nextLongitude, nextLatitude] = ring[index + 1] ?? first;
    if (Math.abs(nextLongitude - longitude) > 180) {
      return {
        code: 'crosses_antimeridian',
        message: 'an edge spans more than 180° of longitude: make two geofences, one on each side of ±180°',
      };
    }
    // About the first position, so that a small ring far from 0/0 loses no digits.
    twiceArea += (longitude - first[0]) * (nextLatitude - first[1]) - (nextLongitude - first[0]) * (latitude - first[1]);
  }
  const crossing = firstCrossing(ring);
  if (crossing !== undefined) {
    return {
      code: 'ring_crosses_itself',
      message: `the edges behind positions ${crossing[0]} and ${crossing[1]} cross: inside and outside would be a matter of taste`,
    };
  }
  return twiceArea === 0 ? { code: 'ring_without_area', message: 'all positions of the ring lie on one line' } : undefined;
}

/** The first two edges that cross properly, by the numbers of their first positions. Edges that only touch do no harm. */
function firstCrossing(ring: Ring): [number, number] | undefined {
  for (let first = 0; first + 1 < ring.length; first++) {
    for (let second = first + 2; second + 1 < ring.length; second++) {
      if (doCross(ring[first], ring[first + 1], ring[second], ring[second + 1])) return [first, second];
    }
  }
  return undefined;
}

function doCross(a: Position | undefined, b: Position | undefined, c: Position | undefined, d: Position | undefined): boolean {
  if (a === undefined || b === undefined || c === undefined || d === undefined) return false;
  // Nearly all pairs are far apart: four comparisons instead of four products.
  if (isApart(a[0], b[0], c[0], d[0]) || isApart(a[1], b[1], c[1], d[1])) return false;
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** Whether no part of `inner` lies outside of `outer`; both may touch. By the ends and middles of its edges, and that none crosses. */
function isWithin(inner: Ring, outer: Ring): boolean {
  return inner.slice(0, -1).every((from, index) => {
    const to = inner[index + 1] ?? from;
    const middle: Position = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
    return doesHold(outer, from) && doesHold(outer, middle) && !outer.some((corner, place) => doCross(from, to, corner, outer[place + 1]));
  });
}

/** Whether a position is inside of a ring or on it. A ray to the east crosses the ring an odd number of times from inside. */
function doesHold(ring: Ring, point: Position): boolean {
  let isInside = false;
  for (const [index, to] of ring.entries()) {
    const from = ring[index - 1];
    if (from === undefined) continue;
    if (!isBetween(from[1], point[1], to[1])) continue;
    const turn = side(from, to, point);
    if (turn === 0 && isBetween(from[0], point[0], to[0])) return true;
    const isUpward = to[1] > from[1];
    if (from[1] > point[1] !== to[1] > point[1] && turn > 0 === isUpward && turn !== 0) isInside = !isInside;
  }
  return isInside;
}

const isBetween = (one: number, value: number, other: number): boolean =>
  one < other ? one <= value && value <= other : other <= value && value <= one;

const isApart = (a: number, b: number, c: number, d: number): boolean =>
  (a < c && a < d && b < c && b < d) || (a > c && a > d && b > c && b > d);

/** Above 0: `point` is to the left of the way from `from` to `to`. */
function side(from: Position, to: Position, point: Position): number {
  return Math.sign((to[0] - from[0]) * (point[1] - from[1]) - (to[1] - from[1]) * (point[0] - from[0]));
}
