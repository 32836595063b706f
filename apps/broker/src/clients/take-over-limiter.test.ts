import { expect, test } from 'vitest';
import { TakeOverLimiter } from './take-over-limiter.js';

const takeOver = (limiter: TakeOverLimiter, ...timesMs: number[]) => {
  for (const atMs of timesMs) limiter.takenOver('a', atMs);
};

test('five take-overs a minute are let pass, with one more the client is refused for a minute', () => {
  const limiter = new TakeOverLimiter();
  takeOver(limiter, 0, 1_000, 2_000, 3_000, 4_000);
  expect(limiter.isRefused('a', 4_000)).toBe(false);
  takeOver(limiter, 5_000);
  expect(limiter.isRefused('a', 5_000)).toBe(true);
  expect(limiter.isRefused('a', 64_999)).toBe(true);
  expect(limiter.isRefused('a', 65_000)).toBe(false);
});

test('take-overs that are more than a minute old do not count', () => {
  const limiter = new TakeOverLimiter();
  takeOver(limiter, 0, 20_000, 40_000, 60_000, 80_000, 100_000, 120_000);
  expect(limiter.isRefused('a', 120_000)).toBe(false);
});

test('clients do not count for each other', () => {
  const limiter = new TakeOverLimiter();
  takeOver(limiter, 0, 0, 0, 0, 0, 0);
  expect(limiter.isRefused('b', 0)).toBe(false);
});

test('a sweep forgets nothing that still counts', () => {
  const limiter = new TakeOverLimiter();
  takeOver(limiter, 0, 0, 0, 0, 0);
  limiter.sweep(59_999);
  takeOver(limiter, 59_999);
  expect(limiter.isRefused('a', 59_999)).toBe(true);
});
