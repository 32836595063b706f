import type { Webhook } from '@milepost/contracts';
import { expect, test } from 'vitest';
import { progressOf, vehiclesOf } from './describe.js';

test('a webhook is listed with its vehicles, and with its groups by their names', () => {
  const of = (vehicleIds: string[], groupIds: string[]) => vehiclesOf({ vehicleIds, groupIds } as Webhook, new Map([['g1', 'vans']]));
  expect(of([], [])).toBe('all');
  expect(of(['truck-1', 'truck-2'], ['g1', 'g2'])).toBe('truck-1,truck-2,group vans,group g2');
});

test('a delivery that failed is said to be tried again, and one that is over is not', () => {
  expect(progressOf({ status: 'failed' })).toBe('failed; it is tried again');
  expect(progressOf({ status: 'dead' })).toBe('dead');
});
