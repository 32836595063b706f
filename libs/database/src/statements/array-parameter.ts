/** Element types that are written in binary; arrays of others go as pg writes them. Integers of 64 bits come as bigint or as safe integers. */
export type ArrayType = 'boolean' | 'integer' | 'bigint' | 'double precision' | 'text' | 'bytea';

const oids: Readonly<Record<ArrayType, number>> = { boolean: 16, bytea: 17, bigint: 20, integer: 23, text: 25, 'double precision': 701 };
const widths = { boolean: 1, integer: 4, bigint: 8, 'double precision': 8 } as const;
const headerBytes = 20;
const lengthBytes = 4;
const twoTo32 = 4_294_967_296;

/**
 * An array as Postgres takes it in binary (its `array_recv`), for a parameter of the very type (`$1::integer[]`). pg would write each
 * element as quoted text, and the server would have to read that again.
 * Layout, all big-endian: 1 dimension, whether nulls occur, element type; its length, its lower bound; then each element's bytes behind
 * their count, or −1 for null.
 * @throws TypeError for an element that is not of the type, a bug; RangeError with the SQLSTATE that Postgres would give (22003) for a number
 * that the type cannot hold: that may be data.
 */
export function arrayParameter(type: ArrayType, values: readonly unknown[]): Buffer {
  const buffer = Buffer.allocUnsafe(mostArrayBytes(type, values));
  return buffer.subarray(0, writeArray(type, values, buffer, viewOf(buffer), 0));
}

/** As many bytes as the array takes, or some more where elements are null. */
export function mostArrayBytes(type: ArrayType, values: readonly unknown[]): number {
  let bytes = headerBytes + lengthBytes * values.length;
  if (type === 'text') for (const value of values) bytes += isNull(value) ? 0 : Buffer.byteLength(textOf(value));
  else if (type === 'bytea') for (const value of values) bytes += isNull(value) ? 0 : bytesOf(value).length;
  else bytes += widths[type] * values.length;
  return bytes;
}

export function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** Writes an array into a buffer that has room for it. @returns where it ends @throws as `arrayParameter` */
export function writeArray(type: ArrayType, values: readonly unknown[], buffer: Buffer, view: DataView, at: number): number {
  view.setInt32(at, 1);
  view.setInt32(at + 8, oids[type]);
  view.setInt32(at + 12, values.length);
  view.setInt32(at + 16, 1);
  const start = at + headerBytes;
  const isText = type === 'text' || type === 'bytea';
  const end = isText ? putAll(values, buffer, view, start) : writers[type](values, view, start);
  const hasNulls = isText ? values.some(isNull) : end - start < values.length * (lengthBytes + widths[type]);
  view.setInt32(at + 4, hasNulls ? 1 : 0);
  return end;
}

function putAll(values: readonly unknown[], buffer: Buffer, view: DataView, from: number): number {
  let at = from;
  for (const value of values) {
    const written = isNull(value) ? -1 : put(value, buffer, at + lengthBytes);
    view.setInt32(at, written);
    at += lengthBytes + Math.max(written, 0);
  }
  return at;
}

function put(value: unknown, buffer: Buffer, at: number): number {
  return Buffer.isBuffer(value) ? value.copy(buffer, at) : buffer.write(textOf(value), at);
}

type Writer = (values: readonly unknown[], view: DataView, from: number) => number;

/** A loop for each: one for all, with what is done in it handed in, takes three times as long. */
const writers: Readonly<Record<keyof typeof widths, Writer>> = {
  boolean: (values, view, from) => {
    let at = from;
    for (const value of values) {
      if (isNull(value)) at = putNull(view, at);
      else {
        view.setInt32(at, 1);
        view.setUint8(at + 4, value === true ? 1 : 0);
        at += 5;
      }
    }
    return at;
  },
  integer: (values, view, from) => {
    let at = from;
    for (const value of values) {
      if (isNull(value)) at = putNull(view, at);
      else {
        if (typeof value !== 'number' || (value | 0) !== value) throw outOfRange(`${String(value)} is no integer of 32 bits`);
        view.setInt32(at, 4);
        view.setInt32(at + 4, value);
        at += 8;
      }
    }
    return at;
  },
  bigint: (values, view, from) => {
    let at = from;
    for (const value of values) {
      if (isNull(value)) at = putNull(view, at);
      else {
        view.setInt32(at, 8);
        if (typeof value === 'bigint') view.setBigInt64(at + 4, value);
        else {
          if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw outOfRange(`${String(value)} is no safe integer`);
          view.setInt32(at + 4, Math.floor(value / twoTo32));
          view.setUint32(at + 8, value >>> 0);
        }
        at += 12;
      }
    }
    return at;
  },
  'double precision': (values, view, from) => {
    let at = from;
    for (const value of values) {
      if (isNull(value)) at = putNull(view, at);
      else {
        if (typeof value !== 'number') throw new TypeError(`${String(value)} is no number`);
        view.setInt32(at, 8);
        // JSON can write a zero with a sign; as text it would have lost it.
        view.setFloat64(at + 4, value + 0);
        at += 12;
      }
    }
    return at;
  },
};

function putNull(view: DataView, at: number): number {
  view.setInt32(at, -1);
  return at + lengthBytes;
}

function outOfRange(message: string): RangeError {
  return Object.assign(new RangeError(message), { code: '22003' });
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${String(value)} is no text`);
  return value;
}

function bytesOf(value: unknown): Buffer {
  if (!Buffer.isBuffer(value)) throw new TypeError(`${String(value)} is no bytes`);
  return value;
}

function isNull(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
