/** Element types that are written in binary; arrays of others go as pg writes them. Integers of 64 bits come as bigint or as safe integers. */
export type ArrayType = 'boolean' | 'integer' | 'bigint' | 'double precision' | 'text';

const oids: Readonly<Record<ArrayType, number>> = { boolean: 16, bigint: 20, integer: 23, text: 25, 'double precision': 701 };
const widths = { boolean: 1, integer: 4, bigint: 8, 'double precision': 8 } as const;
const headerBytes = 20;
const lengthBytes = 4;
const twoTo32 = 4_294_967_296;

/**
 * An array as Postgres takes it in binary (its `array_recv`), for a parameter of the very type (`$1::integer[]`). pg would write each
 * element as quoted text, and the server would have to read that again.
 * Layout, all big-endian: 1 dimension, whether nulls occur, element type; its length, its lower bound; then each element's bytes behind
 * their count, or −1 for null.
 * @throws TypeError or RangeError for an element that is not of the type: a bug, not data.
 */
export function arrayParameter(type: ArrayType, values: readonly unknown[]): Buffer {
  const buffer = type === 'text' ? textArray(values) : fixedWidth(type, values);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(values.some(isNull) ? 1 : 0, 4);
  buffer.writeInt32BE(oids[type], 8);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  return buffer;
}

function textArray(values: readonly unknown[]): Buffer {
  let bytes = headerBytes;
  for (const value of values) bytes += lengthBytes + (isNull(value) ? 0 : Buffer.byteLength(textOf(value)));
  const buffer = Buffer.allocUnsafe(bytes);
  let at = headerBytes;
  for (const value of values) {
    const written = isNull(value) ? -1 : buffer.write(textOf(value), at + lengthBytes);
    buffer.writeInt32BE(written, at);
    at += lengthBytes + Math.max(written, 0);
  }
  return buffer;
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
    if (typeof value !== 'number' || (value | 0) !== value) throw new RangeError(`${String(value)} is no integer of 32 bits`);
    view.setInt32(at, value);
  },
  bigint: (view, at, value) => {
    if (typeof value === 'bigint') return view.setBigInt64(at, value);
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new RangeError(`${String(value)} is no safe integer`);
    view.setInt32(at, Math.floor(value / twoTo32));
    view.setUint32(at + 4, value >>> 0);
  },
  'double precision': (view, at, value) => {
    if (typeof value !== 'number') throw new TypeError(`${String(value)} is no number`);
    // JSON can write a zero with a sign; as text it would have lost it.
    view.setFloat64(at, value + 0);
  },
};

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${String(value)} is no text`);
  return value;
}

function isNull(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
