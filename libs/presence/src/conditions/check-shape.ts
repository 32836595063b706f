import type { GeofenceShape } from '@milepost/contracts';

type Position = readonly [number, number];
type Ring = readonly Position[];

/** What makes a shape unusable, where it is (RFC 6901), and what to do. */
export interface ShapeFault {
  code: 'ring_not_closed' | 'crosses_antimeridian' | 'ring_crosses_itself' | 'ring_without_area';
  pointer: string;
  message: string;
}

/** What the schema of a shape cannot say. A circle may lie across ±180°; a polygon may not. */
export function shapeFaults(shape: GeofenceShape): ShapeFault[] {
  if (shape.type === 'Circle') return [];
  return shape.coordinates.flatMap((ring, index) => {
    const fault = ringFault(ring);
    return fault === undefined ? [] : [{ ...fault, pointer: `/coordinates/${index}` }];
  });
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
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** Above 0: `point` is to the left of the way from `from` to `to`. */
function side(from: Position, to: Position, point: Position): number {
  return Math.sign((to[0] - from[0]) * (point[1] - from[1]) - (to[1] - from[1]) * (point[0] - from[0]));
}
