import { matches, type PlainValue, readPlainBoolean, readPlainNumber, readPlainText } from './plain-values.js';

const comma = 0x2c;
const colon = 0x3a;
const quote = 0x22;
const openObject = 0x7b;
const closeObject = 0x7d;

/** Longer ones are left to the general way. */
export const maxAttributesBytes = 1_024;

const nullBytes = new TextEncoder().encode('null');
/** `__proto__` has ways of its own in an object. */
const unusual = new TextEncoder().encode('"__proto__"');

/**
 * An object of scalars whose names stand in their order, each once, and without blanks: its own canonical form, and what JSON.stringify makes of it again.
 * No name begins with a digit, for those that are numbers go before all others in an object.
 */
export function readPlainAttributes(bytes: Buffer, from: number, value: PlainValue): void {
  const end = endOfAttributes(bytes, from, value);
  value.end = end - from > maxAttributesBytes ? -1 : end;
}

function endOfAttributes(bytes: Buffer, from: number, value: PlainValue): number {
  if (bytes[from] !== openObject) return -1;
  if (bytes[from + 1] === closeObject) return from + 2;
  let nameBefore = -1;
  for (let at = from + 1; ; at = value.end + 1) {
    readPlainText(bytes, at, value);
    const colonAt = value.end;
    if (colonAt < 0 || bytes[colonAt] !== colon || isDigit(bytes[at + 1] ?? 0) || matches(bytes, at, unusual)) return -1;
    if (nameBefore >= 0 && !isBefore(bytes, nameBefore, at)) return -1;
    nameBefore = at;
    readScalar(bytes, colonAt + 1, value);
    if (value.end < 0) return -1;
    if (bytes[value.end] === closeObject) return value.end + 1;
    if (bytes[value.end] !== comma) return -1;
  }
}

function readScalar(bytes: Buffer, at: number, value: PlainValue): void {
  switch (bytes[at]) {
    case quote:
      readPlainText(bytes, at, value);
      return;
    case 0x74:
    case 0x66:
      readPlainBoolean(bytes, at, value);
      return;
    case nullBytes[0]:
      value.end = matches(bytes, at, nullBytes) ? at + nullBytes.length : -1;
      return;
    default:
      readPlainNumber(bytes, at, value);
  }
}

/** Of two texts in quotes by their bytes: of two that begin alike the shorter one stands first. */
function isBefore(bytes: Buffer, a: number, b: number): boolean {
  for (let i = 1; ; i += 1) {
    const one = bytes[a + i] ?? quote;
    const other = bytes[b + i] ?? quote;
    if (other === quote) return false;
    if (one === quote || one < other) return true;
    if (one > other) return false;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
