import { type Fault, itemIdentity } from '@milepost/contracts';
import { type ClockRules, judgeRecordedAt } from './clock.js';
import { type FieldMapping, mapFields } from './field-mapping.js';
import { instantMs } from './instant.js';
import { pointerTo } from './json-pointer.js';
import { type SchemaError, schemaFaults } from './schema-faults.js';
import { storabilityFaults } from './storable.js';

/** What is known of a record before its payload is looked at. */
export interface ItemContext {
  vehicleId: string;
  /** The record's Kafka timestamp. */
  receivedAtMs: number;
  clock: ClockRules;
  mapping: FieldMapping | undefined;
}

/** Never more than one of both: an item with any fault is not stored. */
export type ItemReading<T> = { ok: true; item: T } | { ok: false; faults: Fault[] };

/** A compiled TypeBox schema. */
export interface Validator<T> {
  Check(value: unknown): value is T;
  Errors(value: unknown): Iterable<SchemaError>;
  /** The schema itself. */
  Type(): object;
}

export type CheckedItem<T> =
  | { ok: true; fields: T; sent: Readonly<Record<string, unknown>>; pointerOf(field: string): string }
  | RefusedItem;

interface RefusedItem {
  ok: false;
  faults: Fault[];
  /** What the item says of its time, where its schema has nothing against that. */
  time?: { recordedAt: string | number; pointer: string };
}

/** The checks that every kind of item goes through: storable, an object, its vehicle's own, and of its schema after the mapping. */
export function checkItem<T>(sent: unknown, pointer: string, context: ItemContext, validator: Validator<T>): CheckedItem<T> {
  if (!isObject(sent)) {
    return { ok: false, faults: [{ code: 'invalid_item', pointer, message: 'must be an object' }] };
  }
  const unstorable = storabilityFaults(sent, pointer);
  if (unstorable.length > 0) return { ok: false, faults: unstorable };

  const faults: Fault[] = [];
  if (Object.hasOwn(sent, 'vehicleId') && sent.vehicleId !== context.vehicleId) {
    faults.push({
      code: 'vehicle_id_mismatch',
      pointer: pointerTo(pointer, 'vehicleId'),
      message: `is not ${context.vehicleId}, whose certificate sent it`,
    });
  }
  const { item, sentAs } = mapFields(sent, context.mapping);
  const pointerOf = (field: string) => pointerTo(pointer, sentAs.get(field) ?? field);
  if (validator.Check(item)) {
    if (faults.length === 0) return { ok: true, fields: item, sent, pointerOf };
  } else
    for (const fault of schemaFaults(validator.Errors(item), validator.Type()))
      faults.push({ ...fault, pointer: sentPointer(fault.pointer, pointer, sentAs) });
  const { recordedAt } = item;
  const at = pointerOf('recordedAt');
  const isTime = typeof recordedAt === 'string' || typeof recordedAt === 'number';
  const hasTime = isTime && faults.every((fault) => fault.pointer !== at);
  return { ok: false, faults, ...(hasTime && { time: { recordedAt, pointer: at } }) };
}

/** What is wrong with an item, with what its schema does not know: whether its clock can be believed. All at once, that it is mended in one go. */
export function withClockFault({ faults, time }: RefusedItem, { receivedAtMs, clock }: ItemContext): { ok: false; faults: Fault[] } {
  const judgement = time && judgeRecordedAt(time.recordedAt, receivedAtMs, clock);
  if (time === undefined || judgement?.kind !== 'refused') return { ok: false, faults };
  return { ok: false, faults: [...faults, { code: judgement.code, pointer: time.pointer, message: judgement.message }] };
}

export interface Timing {
  recordedAtMs: number;
  clockSuspect: boolean;
  identity: bigint;
}

/** The item's place in time and its identity, or why its clock cannot be believed. */
export function timeItem(
  recordedAt: string | number,
  checked: { sent: Readonly<Record<string, unknown>>; pointerOf(field: string): string },
  { receivedAtMs, clock }: ItemContext,
): { ok: true; timing: Timing } | { ok: false; faults: Fault[] } {
  const recordedAtMs = instantMs(recordedAt);
  const judgement = judgeRecordedAt(recordedAt, receivedAtMs, clock);
  if (judgement.kind === 'refused') {
    const { code, message } = judgement;
    return { ok: false, faults: [{ code, pointer: checked.pointerOf('recordedAt'), message }] };
  }
  return { ok: true, timing: { recordedAtMs, clockSuspect: judgement.kind === 'suspect', identity: itemIdentity(checked.sent) } };
}

/**
 * Fields that no schema knows are kept beside the declared `attributes`, under `/name` where both have the name; as JSON text, null when there are none.
 * Where the schema does not know `attributes` either, they are declared if they are an object, and else a field like any other.
 */
export function attributesJson(fields: object, known: ReadonlySet<string>): string | null {
  const declared = 'attributes' in fields && isObject(fields.attributes) ? fields.attributes : undefined;
  // Without a prototype: `__proto__` is a name like any other.
  let kept: Record<string, unknown> | undefined;
  for (const name in fields) {
    if (known.has(name) || (name === 'attributes' && declared !== undefined)) continue;
    kept ??= Object.assign(Object.create(null) as Record<string, unknown>, declared);
    kept[declared !== undefined && Object.hasOwn(declared, name) ? `/${name}` : name] = (fields as Record<string, unknown>)[name];
  }
  if (kept === undefined && declared === undefined) return null;
  return JSON.stringify(kept ?? declared);
}

function sentPointer(fieldPointer: string, itemPointer: string, sentAs: ReadonlyMap<string, string>): string {
  const [, field = '', ...rest] = fieldPointer.split('/');
  const sent = sentAs.get(field);
  return itemPointer + (sent === undefined ? fieldPointer : [pointerTo('', sent), ...rest].join('/'));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
