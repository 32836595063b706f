import { canonicalIdentity, maxItemsPerMessage } from '@milepost/contracts';
import { judgeClock } from '../clock.js';
import type { ItemContext } from '../item-reading.js';
import type { Fix } from '../location.js';
import { maxUnpackedBytes } from '../unpack.js';
import { maxAttributesBytes, readPlainAttributes } from './plain-attributes.js';
import { type PlainField, type PlainName, placeOf, plainFields } from './plain-fields.js';
import { matches, type PlainValue, readPlainBoolean, readPlainNumber, readPlainText, readPlainTime } from './plain-values.js';

const openObject = 0x7b;
const closeObject = 0x7d;
const openArray = 0x5b;
const closeArray = 0x5d;
const comma = 0x2c;

/** A member is at most a name, a text of 128 characters and what is around them; there are as many as fields. */
const maxCanonicalBytes = plainFields.length * 160 + maxAttributesBytes;

const places = Object.fromEntries(plainFields.map(({ name }) => [name, placeOf(name as PlainName)])) as Readonly<Record<PlainName, number>>;
const { recordedAt, latitude, longitude, fixValid, vehicleId } = places;
const bitOf = (place: number): number => 1 << place;

// One item is read at a time, and nothing of it outlives its reading.
const value: PlainValue = { end: -1, number: 0 };
const numbers = new Float64Array(plainFields.length);
const starts = new Int32Array(plainFields.length);
const ends = new Int32Array(plainFields.length);
/** The fields in the order in which the last item had them: the next one mostly has it too. */
const order = new Int32Array(plainFields.length);
const canonical = Buffer.alloc(maxCanonicalBytes);
let seen = 0;
let end = 0;

/**
 * The fixes of a location message as most vehicles send them, straight from its bytes: objects of fields that are known, each once, with
 * numbers and strings that are written as RFC 8785 writes them. Such a payload is ASCII and holds nothing that cannot be stored, and its canonical
 * form is its members in order. So one pass does what `parsePayload` and `readLocation` do in many, and gives the very same.
 * Undefined for everything else, and for all that has anything wrong: these alone judge it.
 * @param payload not packed
 */
export function readPlainFixes(payload: Buffer, context: ItemContext): Fix[] | undefined {
  if (context.mapping !== undefined || payload.length > maxUnpackedBytes) return undefined;
  const start = behindBlanks(payload, 0);
  if (payload[start] === openObject) {
    const fix = readFix(payload, start, context);
    return fix !== undefined && end === payload.length ? [fix] : undefined;
  }
  if (payload[start] !== openArray) return undefined;
  const fixes: Fix[] = [];
  end = start;
  do {
    const fix = fixes.length < maxItemsPerMessage ? readFix(payload, behindBlanks(payload, end + 1), context) : undefined;
    if (fix === undefined) return undefined;
    fixes.push(fix);
  } while (payload[end] === comma);
  return payload[end] === closeArray && behindBlanks(payload, end + 1) === payload.length ? fixes : undefined;
}

/** Leaves in `end` where the item and the blanks behind it end. */
function readFix(bytes: Buffer, from: number, context: ItemContext): Fix | undefined {
  if (!readMembers(bytes, from, context)) return undefined;
  const hasPosition = (seen & bitOf(latitude)) !== 0 && (seen & bitOf(longitude)) !== 0;
  const saysInvalid = (seen & bitOf(fixValid)) !== 0 && numbers[fixValid] === 0;
  if (!hasPosition && (!saysInvalid || (seen & (bitOf(latitude) | bitOf(longitude))) !== 0)) return undefined;
  const recordedAtMs = numbers[recordedAt] ?? Number.NaN;
  const judgement = judgeClock(recordedAtMs, context.receivedAtMs, context.clock);
  if (judgement.kind === 'refused') return undefined;
  return {
    recordedAtMs,
    clockSuspect: judgement.kind === 'suspect',
    identity: canonicalIdentity(canonicalBytes(bytes)),
    fields: {
      latitude: numberOf(latitude),
      longitude: numberOf(longitude),
      fixValid: booleanOf(fixValid),
      sequence: numberOf(places.sequence),
      altitudeM: numberOf(places.altitudeM),
      speedKph: numberOf(places.speedKph),
      headingDeg: numberOf(places.headingDeg),
      accuracyM: numberOf(places.accuracyM),
      hdop: numberOf(places.hdop),
      satellites: numberOf(places.satellites),
      odometerKm: numberOf(places.odometerKm),
      ignition: booleanOf(places.ignition),
      fuelLevelPct: numberOf(places.fuelLevelPct),
      driverId: textOf(bytes, places.driverId),
    },
    fixValid: !saysInvalid && !(hasPosition && numbers[latitude] === 0 && numbers[longitude] === 0),
    attributes: rawOf(bytes, places.attributes),
  };
}

/** False when the item is not plain, or breaks its schema. */
function readMembers(bytes: Buffer, from: number, context: ItemContext): boolean {
  if (bytes[from] !== openObject) return false;
  seen = 0;
  let at = behindBlanks(bytes, from + 1);
  for (let member = 0; ; member += 1) {
    const place = placeAt(bytes, at, member);
    const field = plainFields[place];
    if (field === undefined || (seen & bitOf(place)) !== 0) return false;
    seen |= bitOf(place);
    order[member] = place;
    const start = behindBlanks(bytes, at + field.prefix.length);
    readValue(bytes, start, field, context);
    if (value.end < 0) return false;
    starts[place] = start;
    ends[place] = value.end;
    numbers[place] = value.number;
    const behind = behindBlanks(bytes, value.end);
    const next = bytes[behind];
    at = behindBlanks(bytes, behind + 1);
    if (next === comma) continue;
    end = at;
    return next === closeObject && (seen & bitOf(recordedAt)) !== 0;
  }
}

/** Which field's name and colon stand here; -1 for none. */
function placeAt(bytes: Buffer, at: number, member: number): number {
  const likely = order[member] ?? 0;
  const guess = plainFields[likely];
  if (guess !== undefined && matches(bytes, at, guess.prefix)) return likely;
  return plainFields.findIndex(({ prefix }) => matches(bytes, at, prefix));
}

function readValue(bytes: Buffer, at: number, field: PlainField, { vehicleId: sender }: ItemContext): void {
  switch (field.kind) {
    case 'number':
    case 'integer':
      readPlainNumber(bytes, at, value);
      if (!(value.number >= field.minimum && value.number <= field.maximum)) value.end = -1;
      if (field.kind === 'integer' && !Number.isInteger(value.number)) value.end = -1;
      return;
    case 'boolean':
      readPlainBoolean(bytes, at, value);
      return;
    case 'time':
      readPlainTime(bytes, at, value);
      if (value.end < 0) readPlainNumber(bytes, at, value);
      // How large it may be is the clock's to judge: what the schema does not take lies in the future.
      if (!(value.number >= 0 && Number.isInteger(value.number))) value.end = -1;
      return;
    case 'text':
      readPlainText(bytes, at, value);
      if (value.end - at > field.maxLength + 2) value.end = -1;
      return;
    case 'attributes':
      readPlainAttributes(bytes, at, value);
      return;
    case 'sender':
      readPlainText(bytes, at, value);
      if (value.end >= 0 && bytes.toString('latin1', at + 1, value.end - 1) !== sender) value.end = -1;
  }
}

/** The members that count for the identity, in their order. */
function canonicalBytes(bytes: Buffer): Uint8Array {
  let to = 0;
  for (const [place, { prefix }] of plainFields.entries()) {
    if ((seen & bitOf(place)) === 0 || place === vehicleId) continue;
    canonical[to] = to === 0 ? openObject : comma;
    to += 1;
    for (let at = 0; at < prefix.length; at += 1) canonical[to++] = prefix[at] ?? 0;
    const last = ends[place] ?? 0;
    for (let at = starts[place] ?? last; at < last; at += 1) canonical[to++] = bytes[at] ?? 0;
  }
  canonical[to++] = closeObject;
  return canonical.subarray(0, to);
}

/** Of JSON: space, tab, line feed, carriage return. */
function behindBlanks(bytes: Buffer, from: number): number {
  let at = from;
  for (let byte = bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[at]) at += 1;
  return at;
}

function numberOf(place: number): number | undefined {
  return (seen & bitOf(place)) === 0 ? undefined : numbers[place];
}

function booleanOf(place: number): boolean | undefined {
  return (seen & bitOf(place)) === 0 ? undefined : numbers[place] === 1;
}

function textOf(bytes: Buffer, place: number): string | undefined {
  if ((seen & bitOf(place)) === 0) return undefined;
  return bytes.toString('latin1', (starts[place] ?? 0) + 1, (ends[place] ?? 0) - 1);
}

function rawOf(bytes: Buffer, place: number): string | null {
  return (seen & bitOf(place)) === 0 ? null : bytes.toString('latin1', starts[place], ends[place]);
}
