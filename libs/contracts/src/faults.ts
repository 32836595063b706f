import Type, { type Static } from 'typebox';

/** What can be wrong with a record or an item of it. A fault is always in the record itself, never in the weather. */
export const faultCodes = [
  'invalid_json',
  'invalid_encoding',
  'too_large_unpacked',
  'too_many_items',
  'empty_batch',
  'invalid_item',
  'invalid_field',
  'missing_field',
  'missing_position',
  'vehicle_id_mismatch',
  'recorded_in_future',
  'recorded_too_old',
  'wrong_organisation',
  'vehicle_pending',
  'vehicle_refused',
  'missing_key',
  'missing_organisation',
  'not_storable',
] as const;
export type FaultCode = (typeof faultCodes)[number];

/** `pointer` is a JSON pointer (RFC 6901) into the unpacked payload; '' is the whole of it. */
export const FaultSchema = Type.Object({ code: Type.Enum([...faultCodes]), pointer: Type.String(), message: Type.String() });
export type Fault = Static<typeof FaultSchema>;

/** Faults that are kept with a dead letter; the count tells of the others. */
export const maxFaultsKept = 50;
