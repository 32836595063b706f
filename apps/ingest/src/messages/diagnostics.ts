import { type DiagnosticsItem, DiagnosticsItemSchema } from '@milepost/contracts';
import { Compile } from 'typebox/compile';
import { ofItsNorm } from './dtc-norm.js';
import { attributesJson, checkItem, type ItemContext, type ItemReading, type Timing, timeItem, withClockFault } from './item-reading.js';

/** A diagnostics report that may be stored. */
export interface Report extends Timing {
  fields: DiagnosticsItem;
  attributes: string | null;
}

const validator = Compile(DiagnosticsItemSchema);
const known: ReadonlySet<string> = new Set([...Object.keys(DiagnosticsItemSchema.properties), 'vehicleId']);

export function readDiagnostics(sent: unknown, pointer: string, context: ItemContext): ItemReading<Report> {
  const checked = checkItem(sent, pointer, context, validator);
  if (!checked.ok) return withClockFault(checked, context);
  const timed = timeItem(checked.fields.recordedAt, checked, context);
  if (!timed.ok) return timed;
  const attributes = attributesJson(checked.fields, known);
  const { dtcs } = checked.fields;
  const fields = dtcs === undefined ? checked.fields : { ...checked.fields, dtcs: dtcs.map(ofItsNorm) };
  return { ok: true, item: { ...timed.timing, fields, attributes } };
}
