/** Longer strings are quicker to write in one call than character by character. */
const MAX_SHORT = 64;

// Each function writes at `at`, where the caller has made room, and answers where the next one goes.

export function putInt16(bytes: Buffer, at: number, value: number): number {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
  return at + 2;
}

export function putInt32(bytes: Buffer, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}

/** A whole number within ±2^53. */
export function putInt64(bytes: Buffer, at: number, value: number): number {
  putInt32(bytes, at, Math.floor(value / 2 ** 32));
  return putInt32(bytes, at + 4, value % 2 ** 32);
}

/** Zigzag, then seven bits a byte from the lowest: small numbers of either sign take one byte. A whole number within ±2^53. */
export function putVarint(bytes: Buffer, at: number, value: number): number {
  if (value > 0x3fffffff || value < -0x40000000) return putLongVarint(bytes, at, value);
  let rest = (value << 1) ^ (value >> 31);
  let next = at;
  while (rest > 0x7f) {
    bytes[next++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[next++] = rest;
  return next;
}

/** Bytes that `putVarint` takes for a number from 0 to 2^30 - 1. */
export function varintBytes(value: number): number {
  if (value < 1 << 6) return 1;
  if (value < 1 << 13) return 2;
  if (value < 1 << 20) return 3;
  return value < 1 << 27 ? 4 : 5;
}

/** UTF-8 behind its length as a varint. */
export function putText(bytes: Buffer, at: number, text: string): number {
  const { length } = text;
  if (length <= MAX_SHORT) {
    let next = putVarint(bytes, at, length);
    let index = 0;
    for (; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) break;
      bytes[next++] = code;
    }
    if (index === length) return next;
  }
  const start = putVarint(bytes, at, Buffer.byteLength(text));
  return start + bytes.write(text, start, 'utf8');
}

/** Bytes behind their length as a varint. */
export function putBytes(bytes: Buffer, at: number, value: Buffer): number {
  const start = putVarint(bytes, at, value.length);
  bytes.set(value, start);
  return start + value.length;
}

function putLongVarint(bytes: Buffer, at: number, value: number): number {
  let rest = value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value);
  let next = at;
  while (rest > 0x7fn) {
    bytes[next++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  bytes[next++] = Number(rest);
  return next;
}
