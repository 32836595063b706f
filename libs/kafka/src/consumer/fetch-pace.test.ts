import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FetchPace } from './fetch-pace.js';

const pace = new FetchPace({ leastMs: 10, mostMs: 50 });

test('of thirteen milliseconds in the middle is waited what short work leaves: half of the time from fetch to fetch', () => {
  const usual = new FetchPace({ leastMs: 15, mostMs: 100 });
  for (const tookMs of [0, 1, 4, 5]) {
    const fetchToFetchMs = tookMs + usual.restMs(tookMs, false);
    expect(fetchToFetchMs / 2 + tookMs).toBe(13);
  }
  expect(new FetchPace({ leastMs: 10, mostMs: 12 }).restMs(2, false)).toBe(10);
  expect(new FetchPace({ leastMs: 4, mostMs: 100 }).restMs(1, false)).toBe(6);
});

test('work is filled up to the least time, longer work is followed by more rest, and by none beyond the most', () => {
  expect(new FetchPace({ leastMs: 30, mostMs: 50 }).restMs(4, false)).toBe(26);
  expect(pace.restMs(6, false)).toBe(9);
  expect(pace.restMs(12, false)).toBe(18);
  expect(pace.restMs(20, false)).toBe(30);
  expect(pace.restMs(40, false)).toBe(10);
  expect(pace.restMs(50, false)).toBe(0);
  expect(pace.restMs(2_000, false)).toBe(0);
});

test('nothing waits where the log had more than was fetched, nor where fetches are not spread', () => {
  expect(pace.restMs(2, true)).toBe(0);
  expect(new FetchPace({ leastMs: 0, mostMs: 50 }).restMs(20, false)).toBe(0);
  expect(new FetchPace({ leastMs: 0, mostMs: 50 }).restMs(2, false)).toBe(0);
});

test('from fetch to fetch it is never less than the least nor, but for the work itself, more than the most', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.nat(1_000),
      fc.double({ min: 0, max: 5_000, noNaN: true }),
      (leastMs, mostMs, tookMs) => {
        const fetchToFetchMs = tookMs + new FetchPace({ leastMs, mostMs }).restMs(tookMs, false);
        expect(fetchToFetchMs).toBeGreaterThanOrEqual(leastMs);
        // A timer has whole milliseconds.
        expect(fetchToFetchMs).toBeLessThan(Math.max(tookMs, leastMs, mostMs) + 1);
      },
    ),
  );
});
