import Type, { type Static } from 'typebox';
import { VehicleEventSchema } from '../messages.js';
import { instant, optional } from './fields.js';

export const FixSchema = Type.Object({
  vehicleId: Type.String(),
  recordedAt: instant,
  receivedAt: instant,
  latitude: optional(Type.Number()),
  longitude: optional(Type.Number()),
  fixValid: optional(Type.Boolean()),
  sequence: optional(Type.Integer()),
  altitudeM: optional(Type.Number()),
  speedKph: optional(Type.Number()),
  headingDeg: optional(Type.Number()),
  accuracyM: optional(Type.Number()),
  hdop: optional(Type.Number()),
  satellites: optional(Type.Integer()),
  odometerKm: optional(Type.Number()),
  ignition: optional(Type.Boolean()),
  fuelLevelPct: optional(Type.Number()),
  driverId: optional(Type.String()),
  events: optional(Type.Array(VehicleEventSchema)),
  attributes: optional(Type.Record(Type.String(), Type.Unknown())),
  clockSuspect: optional(Type.Boolean({ description: 'The vehicle’s clock ran ahead; never the latest position' })),
});
export type Fix = Static<typeof FixSchema>;
