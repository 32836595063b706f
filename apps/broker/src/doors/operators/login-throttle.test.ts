import { expect, test } from 'vitest';
import { LoginThrottle } from './login-throttle.js';

test('an address that fails too often is refused until the window is over; others are not', () => {
  const throttle = new LoginThrottle({ maxFailures: 2, windowMs: 1_000, maxAddresses: 10 });
  throttle.failed('a', 0);
  expect(throttle.isRefused('a', 1)).toBe(false);
  throttle.failed('a', 1);
  expect(throttle.isRefused('a', 999)).toBe(true);
  expect(throttle.isRefused('b', 999)).toBe(false);
  expect(throttle.isRefused('a', 1_000)).toBe(false);
});

test('a bounded number of addresses is remembered', () => {
  const throttle = new LoginThrottle({ maxFailures: 1, windowMs: 1_000, maxAddresses: 2 });
  for (const address of ['a', 'b', 'c']) throttle.failed(address, 0);
  expect(['a', 'b', 'c'].map((address) => throttle.isRefused(address, 1))).toEqual([false, true, true]);
});
