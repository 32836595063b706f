import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ClosedLoop } from './closed-loop.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the last message grows old though the clock is set back', () => {
  const loop = new ClosedLoop();
  expect([loop.atMs, loop.ageMs]).toEqual([undefined, undefined]);
  const beganMs = Date.now();
  loop.close();
  vi.setSystemTime(beganMs - 3_600_000);
  vi.advanceTimersByTime(31_000);
  expect([loop.atMs, loop.ageMs]).toEqual([beganMs, 31_000]);
});
