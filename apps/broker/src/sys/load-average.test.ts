import { expect, test } from 'vitest';
import { LoadAverage } from './load-average.js';

const TICK_MS = 10_000;

test('a steady rate shows by 63 % after one period, and whole after many', () => {
  const load = new LoadAverage(60_000);
  for (let tick = 1; tick <= 6; tick++) load.add(tick * 20, TICK_MS);
  expect(load.perMinute).toBeCloseTo(120 * (1 - Math.exp(-1)), 6);
  for (let tick = 7; tick <= 120; tick++) load.add(tick * 20, TICK_MS);
  expect(load.perMinute).toBeCloseTo(120, 3);
});

test('it decays when nothing happens, and does not depend on how the time is cut', () => {
  const often = new LoadAverage(60_000);
  const once = new LoadAverage(60_000);
  often.add(100, 60_000);
  once.add(100, 60_000);
  for (let tick = 0; tick < 6; tick++) often.add(100, TICK_MS);
  once.add(100, 60_000);
  expect(often.perMinute).toBeCloseTo(100 * (1 - Math.exp(-1)) * Math.exp(-1), 6);
  expect(once.perMinute).toBeCloseTo(often.perMinute, 6);
});
