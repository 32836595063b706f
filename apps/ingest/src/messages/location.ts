import { type LocationItem, LocationItemSchema } from '@milepost/contracts';
import { Compile } from 'typebox/compile';
import { attributesJson, checkItem, type ItemContext, type ItemReading, type Timing, timeItem, withClockFault } from './item-reading.js';

/** A fix that may be stored. */
export interface Fix extends Timing {
  /** What its vehicle said of it, but for the time. */
  fields: FixFields;
  fixValid: boolean;
  attributes: string | null;
}

export type FixFields = { readonly [Name in Exclude<keyof LocationItem, 'recordedAt'>]?: LocationItem[Name] | undefined };

const validator = Compile(LocationItemSchema);
const known: ReadonlySet<string> = new Set([...Object.keys(LocationItemSchema.properties), 'vehicleId']);

/** Reads one item of a location message; pointers are into the message as sent. */
export function readLocation(sent: unknown, pointer: string, context: ItemContext): ItemReading<Fix> {
  const checked = checkItem(sent, pointer, context, validator);
  if (!checked.ok) return withClockFault(checked, context);
  const { fields, pointerOf } = checked;
  const { latitude, longitude } = fields;

  if (latitude === undefined || longitude === undefined) {
    const neither = latitude === undefined && longitude === undefined;
    if (!neither || fields.fixValid !== false) {
      const message = neither
        ? 'has neither latitude nor longitude; without a position it needs "fixValid": false'
        : 'is missing: latitude and longitude come together';
      const at = neither ? pointer : pointerOf(latitude === undefined ? 'latitude' : 'longitude');
      const time = { recordedAt: fields.recordedAt, pointer: pointerOf('recordedAt') };
      return withClockFault({ ok: false, faults: [{ code: 'missing_position', pointer: at, message }], time }, context);
    }
  }
  const timed = timeItem(fields.recordedAt, checked, context);
  if (!timed.ok) return timed;
  // Receivers without a fix report the point in the Gulf of Guinea.
  const fixValid = fields.fixValid !== false && !(latitude === 0 && longitude === 0);
  const { recordedAtMs, clockSuspect, identity } = timed.timing;
  // One by one: spreading costs a microsecond here.
  return { ok: true, item: { recordedAtMs, clockSuspect, identity, fields, fixValid, attributes: attributesJson(fields, known) } };
}
