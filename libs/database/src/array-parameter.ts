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
  const buffer = type === 'text' || type === 'bytea' ? ofAnyLength(type, values) : fixedWidth(type, values);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(values.some(isNull) ? 1 : 0, 4);
  buffer.writeInt32BE(oids[type], 8);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  return buffer;
}

function ofAnyLength(type: 'text' | 'bytea', values: readonly unknown[]): Buffer {
  const check = type === 'text' ? textOf : bytesOf;
  let bytes = headerBytes;
  for (const value of values) bytes += lengthBytes + (isNull(value) ? 0 : Buffer.byteLength(check(value)));
  const buffer = Buffer.allocUnsafe(bytes);
  let at = headerBytes;
  for (const value of values) {
    const written = isNull(value) ? -1 : put(check(value), buffer, at + lengthBytes);
    buffer.writeInt32BE(written, at);
    at += lengthBytes + Math.max(written, 0);
  }
  return buffer;
}

function put(value: string | Buffer, buffer: Buffer, at: number): number {
  return typeof value === 'string' ? buffer.write(value, at) : value.copy(buffer, at);
}

function fixedWidth(type: keyof typeof widths, values: readonly unknown[]): Buffer {
  const width = widths[type];
  const put = writers[type];
  const buffer = Buffer.allocUnsafe(headerBytes + values.length * (lengthBytes + width));
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  let at = headerBytes;
  for (const value of values) {
    if (isNull(value)) view.setInt32(at, -1);
    else {
      view.setInt32(at, width);
      put(view, at + lengthBytes, value);
      at += width;
    }
    at += lengthBytes;
  }
  return buffer.subarray(0, at);
}

const writers: Readonly<Record<keyof typeof widths, (view: DataView, at: number, value: unknown) => void>> = {
  boolean: (view, at, value) => view.setUint8(at, value === true ? 1 : 0),
  integer: (view, at, value) => {
    if (typeof value !== 'number' || (value | 0) !== value) throw outOfRange(`${String(value)} is no integer of 32 bits`);
    view.setInt32(at, value);
  },
  bigint: (view, at, value) => {
    if (typeof value === 'bigint') return view.setBigInt64(at, value);
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw outOfRange(`${String(value)} is no safe integer`);
    view.setInt32(at, Math.floor(value / twoTo32));
    view.setUint32(at + 4, value >>> 0);
  },
  'double precision': (view, at, value) => {
    if (typeof value !== 'number') throw new TypeError(`${String(value)} is no number`);
    // JSON can write a zero with a sign; as text it would have lost it.
    view.setFloat64(at, value + 0);
  },
};

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
