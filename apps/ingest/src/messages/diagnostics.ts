import { type DiagnosticsItem, DiagnosticsItemSchema } from '@milepost/contracts';
import { Compile } from 'typebox/compile';
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
  return { ok: true, item: { ...timed.timing, fields: checked.fields, attributes: attributesJson(checked.fields, known) } };
}
