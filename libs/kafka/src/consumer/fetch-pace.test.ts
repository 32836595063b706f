import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FetchPace, type FetchPaceLimits } from './fetch-pace.js';

/** The rest after a batch that takes as long as those before it. */
const restMs = (limits: FetchPaceLimits, tookMs: number, isBehind = false) => new FetchPace(limits).restMs('a', tookMs, isBehind);
const limits = { leastMs: 10, mostMs: 50 };

test('of twelve milliseconds in the middle is waited what short work leaves: half of the time from fetch to fetch', () => {
  for (const tookMs of [1, 2, 3, 4]) {
    const fetchToFetchMs = tookMs + restMs({ leastMs: 15, mostMs: 100 }, tookMs);
    expect(fetchToFetchMs / 2 + tookMs).toBe(12);
  }
  expect(restMs({ leastMs: 10, mostMs: 12 }, 2)).toBe(10);
  expect(restMs({ leastMs: 4, mostMs: 100 }, 1)).toBe(6);
});

test('work is filled up to the least time, longer work is followed by more rest, and by none beyond the most', () => {
  expect(restMs({ leastMs: 30, mostMs: 50 }, 4)).toBe(26);
  expect(restMs(limits, 7)).toBe(11);
  expect(restMs(limits, 12)).toBe(18);
  expect(restMs(limits, 20)).toBe(30);
  expect(restMs(limits, 40)).toBe(10);
  expect(restMs(limits, 50)).toBe(0);
  expect(restMs(limits, 2_000)).toBe(0);
});

test('nothing waits where the log had more than was fetched, nor where fetches are not spread', () => {
  expect(restMs(limits, 2, true)).toBe(0);
  expect(restMs({ leastMs: 0, mostMs: 50 }, 20)).toBe(0);
  expect(restMs({ leastMs: 0, mostMs: 50 }, 2)).toBe(0);
});

test('from fetch to fetch it is never less than the least nor, but for the work itself, more than the most', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.nat(1_000),
      fc.double({ min: 0, max: 5_000, noNaN: true }),
      (leastMs, mostMs, tookMs) => {
        const fetchToFetchMs = tookMs + restMs({ leastMs, mostMs }, tookMs);
        expect(fetchToFetchMs).toBeGreaterThanOrEqual(leastMs);
        // A timer has whole milliseconds.
        expect(fetchToFetchMs).toBeLessThan(Math.max(tookMs, leastMs, mostMs) + 1);
      },
    ),
  );
});

test('a batch that took long once is followed by no rest, and those behind it rest as before it', () => {
  const pace = new FetchPace({ leastMs: 15, mostMs: 100 });
  const rests = [5, 5, 40, 5, 5].map((tookMs) => pace.restMs('a', tookMs, false));
  expect(rests).toEqual([10, 10, 0, 10, 10]);
});

test('batches that go on taking long rest as long as their work asks for, from the second on', () => {
  const pace = new FetchPace({ leastMs: 15, mostMs: 100 });
  const rests = [5, 30, 30, 30].map((tookMs) => pace.restMs('a', tookMs, false));
  expect(rests).toEqual([10, 0, 45, 45]);
});

test('how long batches take is known of each partition by itself', () => {
  const pace = new FetchPace({ leastMs: 15, mostMs: 100 });
  for (const tookMs of [30, 30]) pace.restMs('a', tookMs, false);
  expect(pace.restMs('b', 5, false)).toBe(10);
  expect(pace.restMs('a', 30, false)).toBe(45);
});
