import { expect, test } from 'vitest';
import { ReadingStops } from './reading-stops.js';

test('a socket is read again only when no reason is left, and the engine hears of those that it does not know', () => {
  const heard: string[] = [];
  const stops = new ReadingStops({ pause: () => heard.push('pause'), resume: () => heard.push('resume') });
  expect(stops.add('engine')).toBe(false);
  expect(stops.add('process')).toBe(true);
  expect(stops.add('unsent')).toBe(false);
  expect(stops.remove('engine')).toBe(false);
  expect(stops.remove('process')).toBe(false);
  expect(heard).toEqual(['pause']);
  expect(stops.remove('unsent')).toBe(true);
  expect(heard).toEqual(['pause', 'resume']);
  expect(stops.remove('unsent')).toBe(false);
  expect(heard).toEqual(['pause', 'resume']);
});
