import type { FactPosition, GeofenceCrossing, GeofenceShape, Polygon } from '@milepost/contracts';
import { distance } from '@turf/distance';
import { pointToPolygonDistance } from '@turf/point-to-polygon-distance';
import type { ConditionPolicy } from './condition-policy.js';

export interface Geofence {
  id: string;
  name: string;
  shape: GeofenceShape;
  alertOn: GeofenceCrossing;
  /** Since when it holds for the vehicle, by the vehicle's clock: what was recorded before says nothing of it. */
  sinceMs: number;
}

/** `unsure`: at the edge, or from a fix that knows too little. */
export type Side = 'inside' | 'outside' | 'unsure';

/** Which side of a fence a fix says the vehicle is on: inside from the edge on, outside only so far from it that neither margin nor accuracy explain it. */
export function sideOf(
  { shape }: Pick<Geofence, 'shape'>,
  fix: FactPosition,
  { marginM, maxAccuracyM }: ConditionPolicy['geofence'],
): Side {
  const accuracyM = fix.accuracyM ?? 0;
  if (accuracyM > maxAccuracyM) return 'unsure';
  const bandM = Math.max(marginM, accuracyM);
  const beyondM = metresBeyond(shape, fix, bandM);
  if (beyondM <= 0) return 'inside';
  return beyondM > bandM ? 'outside' : 'unsure';
}

const METRES_PER_DEGREE = 111_195;

/** How far outside of a shape a place is, in metres; below zero inside. What is clearly further than `enoughM` may be said to be infinitely far. */
function metresBeyond(shape: GeofenceShape, { latitude, longitude }: FactPosition, enoughM: number): number {
  if (shape.type === 'Circle') {
    const { center, radiusM } = shape;
    return distance([center.longitude, center.latitude], [longitude, latitude], { units: 'meters' }) - radiusM;
  }
  if (isFarFrom(shape, latitude, longitude, enoughM)) return Number.POSITIVE_INFINITY;
  const point = { type: 'Point' as const, coordinates: [longitude, latitude] };
  return pointToPolygonDistance(point, shape, { units: 'meters' });
}

interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

const boxes = new WeakMap<Polygon, Box>();

/** By the polygon's bounding box, which costs nothing beside its edges. No polygon crosses ±180°. */
function isFarFrom(polygon: Polygon, latitude: number, longitude: number, metres: number): boolean {
  const { west, south, east, north } = boxOf(polygon);
  // Twice as far as needed: an edge between two points of one latitude bulges towards the pole.
  const degrees = (2 * metres) / METRES_PER_DEGREE + 0.01;
  const ofLongitude = degrees / Math.max(Math.cos((Math.max(Math.abs(north), Math.abs(south), Math.abs(latitude)) * Math.PI) / 180), 0.01);
  return latitude < south - degrees || latitude > north + degrees || longitude < west - ofLongitude || longitude > east + ofLongitude;
}

function boxOf(polygon: Polygon): Box {
  const known = boxes.get(polygon);
  if (known !== undefined) return known;
  const outer = polygon.coordinates[0] ?? [];
  const longitudes = outer.map(([longitude]) => longitude);
  const latitudes = outer.map(([, latitude]) => latitude);
  const box = {
    west: Math.min(...longitudes),
    south: Math.min(...latitudes),
    east: Math.max(...longitudes),
    north: Math.max(...latitudes),
  };
  boxes.set(polygon, box);
  return box;
}
