import { MAX_FIELD_BYTES } from './byte-sink.js';

/** Up to this length a loop stores a string faster than native code is called. */
const LOOP_CHARACTERS = 48;

/** The bytes of a string field, its length included; infinite if no field can hold it. */
export function fieldBytes(value: string): number {
  const bytes = value.length <= LOOP_CHARACTERS && isAscii(value) ? value.length : Buffer.byteLength(value);
  return bytes > MAX_FIELD_BYTES ? Number.POSITIVE_INFINITY : 2 + bytes;
}

// Each puts its bytes at `at`, where there must be room, and answers where they end.

export function putUint16(target: Buffer, at: number, value: number): number {
  target[at] = value >>> 8;
  target[at + 1] = value & 0xff;
  return at + 2;
}

export function putUint32(target: Buffer, at: number, value: number): number {
  return putUint16(target, putUint16(target, at, value >>> 16), value & 0xffff);
}

export function putVariableInteger(target: Buffer, at: number, value: number): number {
  let rest = value;
  let end = at;
  while (rest >= 0x80) {
    target[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[end] = rest;
  return end + 1;
}

/** With its two bytes of length; `length` is that of its UTF-8. */
export function putString(target: Buffer, at: number, value: string, length: number): number {
  const start = putUint16(target, at, length);
  // As many bytes as characters: ASCII.
  if (length !== value.length) target.write(value, start, length, 'utf8');
  else if (length > LOOP_CHARACTERS) target.write(value, start, length, 'latin1');
  else for (let index = 0; index < length; index++) target[start + index] = value.charCodeAt(index);
  return start + length;
}

export function putBinary(target: Buffer, at: number, value: Buffer): number {
  const start = putUint16(target, at, value.length);
  target.set(value, start);
  return start + value.length;
}

function isAscii(value: string): boolean {
  for (let index = 0; index < value.length; index++) if (value.charCodeAt(index) >= 0x80) return false;
  return true;
}
