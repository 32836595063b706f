import { expect, test } from 'vitest';
import { machineTimeBetween, startMachineTime } from './machine-time.js';

test('what the host took is told apart from what ran here and from idling', () => {
  const before = [100, 10, 50, 1_000, 5, 1, 2, 30, 0, 0];
  const after = [130, 15, 60, 1_040, 9, 2, 4, 38, 0, 0];
  expect(machineTimeBetween(before, after)).toEqual({ used: 0.48, stolen: 0.08 });
});

test('two readings within one tick are no division by nothing', () => {
  expect(machineTimeBetween([7, 7], [7, 7])).toEqual({ used: 0, stolen: 0 });
});

test('the machine that runs this has used some of its time', () => {
  const since = startMachineTime();
  const end = performance.now() + 60;
  while (performance.now() < end) Math.sqrt(end);
  const { used, stolen } = since();
  expect(used).toBeGreaterThan(0);
  expect(used + stolen).toBeLessThanOrEqual(1);
});
