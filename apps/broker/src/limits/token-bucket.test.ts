import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.js';

test('a burst is let through at once, then one for each interval of the rate', () => {
  const bucket = new TokenBucket(10, 3, 0);
  const taken = (...timesMs: number[]) => timesMs.map((atMs) => bucket.take(atMs));
  expect(taken(0, 0, 0, 0)).toEqual([true, true, true, false]);
  expect(bucket.waitMs(50)).toBeCloseTo(50);
  expect(taken(99, 100, 100)).toEqual([false, true, false]);
});

test('no more than a burst is saved up, however long nobody comes', () => {
  const bucket = new TokenBucket(10, 2, 0);
  expect([1, 2, 3].map(() => bucket.take(60_000))).toEqual([true, true, false]);
});

test('what was used beyond the burst is owed, and said in time', () => {
  const bucket = new TokenBucket(1_000, 1_000, 0);
  expect(bucket.spend(1_000, 0)).toBe(0);
  expect(bucket.spend(500, 0)).toBe(500);
  expect(bucket.spend(0, 500)).toBe(0);
});
