/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const [T0, T1, T2, T3, T4, T5, T6, T7] = slicingTables();

/**
 * CRC-32C of `bytes` from `start` to `end`, unsigned (RFC 3720 §B.4). Eight bytes at a time through eight tables ("slicing by 8",
 * Kounavis and Berry 2005): node:zlib knows the other CRC-32 alone.
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1;
  let at = start;
  // Every index is within its table (masked to a byte) and within `end`.
  for (const whole = end - 7; at < whole; at += 8) {
    const low = crc ^ (byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24));
    crc =
      entry(T7, low & 0xff) ^
      entry(T6, (low >>> 8) & 0xff) ^
      entry(T5, (low >>> 16) & 0xff) ^
      entry(T4, low >>> 24) ^
      entry(T3, byte(bytes, at + 4)) ^
      entry(T2, byte(bytes, at + 5)) ^
      entry(T1, byte(bytes, at + 6)) ^
      entry(T0, byte(bytes, at + 7));
  }
  for (; at < end; at += 1) crc = entry(T0, (crc ^ byte(bytes, at)) & 0xff) ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}

function byte(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

function entry(table: Int32Array, index: number): number {
  return table[index] as number;
}

/** Table n: what a byte has become of after n further bytes of zero. */
function slicingTables(): [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = Int32Array.from({ length: 256 }, (_, value) => {
    let crc = value;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    return crc;
  });
  const next = (table: Int32Array) => table.map((crc) => entry(first, crc & 0xff) ^ (crc >>> 8));
  const second = next(first);
  const third = next(second);
  const fourth = next(third);
  const fifth = next(fourth);
  const sixth = next(fifth);
  const seventh = next(sixth);
  return [first, second, third, fourth, fifth, sixth, seventh, next(seventh)];
}
