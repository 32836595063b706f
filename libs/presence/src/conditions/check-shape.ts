import type { GeofenceShape } from '@milepost/contracts';

/** What makes a shape unusable, where it is (RFC 6901), and what to do. */
export interface ShapeFault {
  code: 'ring_not_closed' | 'crosses_antimeridian' | 'ring_without_area';
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

function ringFault(ring: readonly (readonly [number, number])[]): Omit<ShapeFault, 'pointer'> | undefined {
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
  return twiceArea === 0 ? { code: 'ring_without_area', message: 'all positions of the ring lie on one line' } : undefined;
}
