import Type, { type Static } from 'typebox';

const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
// Where a value must match a pattern or one of several shapes, its description is what a fault says behind "must be".
const instant = Type.Union([Type.String({ format: 'date-time' }), Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 })], {
  description: 'an RFC 3339 time like 2026-11-24T06:00:00Z, or whole milliseconds since 1970',
});
const dtcCode = Type.String({
  pattern: '^[PCBU][0-9A-F]{4}(-[0-9A-F]{2})?$',
  description: 'a trouble code like P0420, or P0420-1A with its failure type',
});
const sequence = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: "The vehicle's own count of its messages" });

export const VehicleEventSchema = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 64 }),
  severity: Type.Optional(Type.String({ minLength: 1, maxLength: 32 })),
});

/**
 * One fix as a vehicle sends it (after its model's field mapping). Degrees are WGS 84.
 * Unknown fields are allowed: they are kept in `attributes`.
 */
export const LocationItemSchema = Type.Object({
  recordedAt: instant,
  latitude: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
  longitude: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
  fixValid: Type.Optional(Type.Boolean()),
  sequence: Type.Optional(sequence),
  altitudeM: Type.Optional(Type.Number({ minimum: -12_000, maximum: 100_000 })),
  speedKph: Type.Optional(Type.Number({ minimum: 0, maximum: 1_500 })),
  headingDeg: Type.Optional(Type.Number({ minimum: 0, maximum: 360 })),
  accuracyM: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000 })),
  hdop: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000 })),
  satellites: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
  odometerKm: Type.Optional(Type.Number({ minimum: 0, maximum: 100_000_000 })),
  ignition: Type.Optional(Type.Boolean()),
  fuelLevelPct: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
  driverId: Type.Optional(Type.String({ maxLength: 128 })),
  events: Type.Optional(Type.Array(VehicleEventSchema, { maxItems: 100 })),
  attributes: Type.Optional(Type.Record(Type.String(), scalar)),
});
export type LocationItem = Static<typeof LocationItemSchema>;

/** The most fixes that one location message may carry. */
export const maxItemsPerMessage = 1_000;

const dtcStatus = Type.Enum(['active', 'pending', 'cleared', 'permanent']);

/** SAE J2012 (`P0420`, with an optional failure type `P0420-1A`) or SAE J1939 (suspect parameter number, failure mode, occurrence count). */
export const DtcItemSchema = Type.Union([
  Type.Object({ code: dtcCode, status: dtcStatus }),
  Type.Object({
    spn: Type.Integer({ minimum: 0, maximum: 524_287 }),
    fmi: Type.Integer({ minimum: 0, maximum: 31 }),
    oc: Type.Optional(Type.Integer({ minimum: 0, maximum: 127 })),
    status: dtcStatus,
  }),
]);
export type DtcItem = Static<typeof DtcItemSchema>;

/** Signals are named by the COVESA Vehicle Signal Specification, like `Vehicle.Powertrain.FuelSystem.RelativeLevel`. */
export const DiagnosticsItemSchema = Type.Object({
  recordedAt: instant,
  sequence: Type.Optional(sequence),
  signals: Type.Optional(Type.Record(Type.String({ pattern: '^.{1,256}$' }), scalar, { additionalProperties: false })),
  dtcs: Type.Optional(Type.Array(DtcItemSchema, { maxItems: 500 })),
  odometerKm: Type.Optional(Type.Number({ minimum: 0, maximum: 100_000_000 })),
  engineHours: Type.Optional(Type.Number({ minimum: 0, maximum: 10_000_000 })),
  attributes: Type.Optional(Type.Record(Type.String(), scalar)),
});
export type DiagnosticsItem = Static<typeof DiagnosticsItemSchema>;

/** The conventional will topic. History only: it never changes presence. */
export const StatusItemSchema = Type.Object({
  status: Type.Enum(['online', 'offline']),
  reason: Type.Optional(Type.String({ maxLength: 256 })),
});
export type StatusItem = Static<typeof StatusItemSchema>;
