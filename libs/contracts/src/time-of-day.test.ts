import { expect, test } from 'vitest';
import { isTimeZone } from './time-of-day.js';

test('a time zone is known from a word', () => {
  expect(isTimeZone('America/New_York')).toBe(true);
  expect(isTimeZone('Berlin/Europe')).toBe(false);
  expect(isTimeZone('')).toBe(false);
});
