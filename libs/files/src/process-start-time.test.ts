import { expect, test } from 'vitest';
import { processStartTime } from './process-start-time.js';

test('a process has one start time, and another process another or none', () => {
  expect(processStartTime(process.pid)).toBe(processStartTime(process.pid));
  expect(processStartTime(process.pid)).toMatch(/./);
  expect(processStartTime(2 ** 22 + 1)).toBeUndefined();
});
