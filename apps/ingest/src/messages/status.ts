import { type StatusItem, StatusItemSchema } from '@milepost/contracts';
import { Compile } from 'typebox/compile';
import { attributesJson, checkItem, type ItemContext, type ItemReading } from './item-reading.js';

export interface StatusReport {
  fields: StatusItem;
  attributes: string | null;
}

const validator = Compile(StatusItemSchema);
const known: ReadonlySet<string> = new Set([...Object.keys(StatusItemSchema.properties), 'vehicleId']);

export function readStatus(sent: unknown, pointer: string, context: ItemContext): ItemReading<StatusReport> {
  // Mappings belong to the models' telemetry; a status is ours alone.
  const checked = checkItem(sent, pointer, { ...context, mapping: undefined }, validator);
  if (!checked.ok) return { ok: false, faults: checked.faults };
  return { ok: true, item: { fields: checked.fields, attributes: attributesJson(checked.fields, known) } };
}
