import { describe, expect, test } from 'vitest';
import { murmur2, partitionOf } from './partitioner.js';

describe('partitionOf', () => {
  // org.apache.kafka.common.utils.UtilsTest#testMurmur2
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Java does', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  test('is never negative, whatever the sign of the hash', () => {
    for (let i = 0; i < 2_000; i += 1) expect(partitionOf(`truck-${i}`, 12)).toBeGreaterThanOrEqual(0);
  });

  test('spreads vehicles over all partitions', () => {
    const used = new Set(Array.from({ length: 500 }, (_, i) => partitionOf(`truck-${i}`, 12)));
    expect(used.size).toBe(12);
  });
});
