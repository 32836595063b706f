const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** The partition that Java's default partitioner gives to this key: any Kafka client may write beside us. */
export function partitionOf(key: string | Buffer, partitions: number): number {
  return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions;
}

/** MurmurHash2 as in org.apache.kafka.common.utils.Utils#murmur2: a signed 32-bit integer. */
export function murmur2(data: Buffer): number {
  const length = data.length;
  let h = SEED ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k = Math.imul(data.readInt32LE(i), M);
    k ^= k >>> R;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  const tail = length - i;
  if (tail === 3) h ^= byteAt(data, i + 2) << 16;
  if (tail >= 2) h ^= byteAt(data, i + 1) << 8;
  if (tail >= 1) h = Math.imul(h ^ byteAt(data, i), M);
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
}

function byteAt(data: Buffer, index: number): number {
  return data[index] ?? 0;
}
