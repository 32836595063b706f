import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coveredMs, earliest, type Stall, watchStalls } from './stalls.js';

test('a process that did not get to its work says so, from before it stopped until after it went on', async () => {
  const stalls: Stall[] = [];
  const endWatch = watchStalls((stall) => stalls.push(stall));
  const from = Date.now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
  const to = Date.now();
  await expect.poll(() => stalls.some((stall) => stall.from <= from && stall.to >= to)).toBe(true);
  endWatch();
});

test('what is noted in a stall, or just behind it, may have happened since it began', () => {
  const stalls = [{ from: 1_000, to: 3_000 }];
  expect([1_001, 2_000, 3_000, 3_100].map((at) => earliest(at, stalls))).toEqual([1_000, 1_000, 1_000, 1_000]);
  expect([500, 1_000, 3_500, 9_000].map((at) => earliest(at, stalls))).toEqual([500, 1_000, 3_500, 9_000]);
});

test('what came in one turn and had to wait for its place in the next may have happened since the first began', () => {
  const stalls = [
    { from: 1_000, to: 3_000 },
    { from: 3_000, to: 5_000 },
  ];
  expect([3_001, 4_900, 5_200, 5_400].map((at) => earliest(at, stalls))).toEqual([1_000, 1_000, 1_000, 5_400]);
});

test('what two processes stood still for at once counts once', () => {
  const stalls = [
    { from: 1_000, to: 3_000 },
    { from: 1_500, to: 1_800 },
    { from: 2_000, to: 4_000 },
    { from: 6_000, to: 7_000 },
  ];
  expect(coveredMs(stalls)).toBe(4_000);
});

const moment = fc.nat(20_000);
const someStalls = fc
  .array(
    fc.tuple(moment, fc.integer({ min: 1, max: 5_000 })).map(([from, tookMs]) => ({ from, to: from + tookMs })),
    { maxLength: 12 },
  )
  .map((stalls) => stalls.sort((a, b) => a.from - b.from));

test('nothing happened later than it was noted, what was noted later happened no earlier, and without a stall there is no doubt', () => {
  fc.assert(
    fc.property(someStalls, moment, moment, (stalls, one, other) => {
      const [before, after] = [Math.min(one, other), Math.max(one, other)];
      expect(earliest(before, stalls)).toBeLessThanOrEqual(before);
      expect(earliest(before, stalls)).toBeLessThanOrEqual(earliest(after, stalls));
      expect(earliest(one, [])).toBe(one);
      for (const { from, to } of stalls) if (from < one && one <= to) expect(earliest(one, stalls)).toBeLessThanOrEqual(from);
    }),
  );
});
