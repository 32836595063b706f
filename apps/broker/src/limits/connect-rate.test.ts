import { expect, test } from 'vitest';
import type { ClientKind } from '../clients/client-key.js';
import { ConnectRate } from './connect-rate.js';

/** How many of so many that come at once are let in. */
function letIn(rate: ConnectRate, kind: ClientKind, count: number, nowMs: number): number {
  return Array.from({ length: count }, () => rate.take(kind, nowMs)).filter(Boolean).length;
}

test('a flood at the operators door leaves vehicles their part, and the whole is not exceeded', () => {
  const rate = new ConnectRate(80, 0);
  expect(letIn(rate, 'operator', 1_000, 0)).toBe(20);
  expect(letIn(rate, 'vehicle', 1_000, 0)).toBe(60);
  // A second later: the flood first, again.
  expect(letIn(rate, 'operator', 1_000, 1_000)).toBe(20);
  expect(letIn(rate, 'vehicle', 1_000, 1_000)).toBe(60);
});

test('a fleet that comes back at once leaves operators theirs', () => {
  const rate = new ConnectRate(80, 0);
  expect(letIn(rate, 'vehicle', 1_000, 0)).toBe(70);
  expect(letIn(rate, 'operator', 1_000, 0)).toBe(10);
});

test('however a flood and a fleet mix, a second lets in no more than the rate after the first burst', () => {
  const rate = new ConnectRate(80, 0);
  letIn(rate, 'operator', 1_000, 0);
  letIn(rate, 'vehicle', 1_000, 0);
  let taken = 0;
  for (let ms = 1; ms <= 10_000; ms++) for (const kind of ['operator', 'vehicle'] as const) taken += letIn(rate, kind, 1, ms);
  expect(taken).toBeGreaterThan(790);
  expect(taken).toBeLessThanOrEqual(800);
});

test('a rate too small to be parted is for all alike', () => {
  const rate = new ConnectRate(1, 0);
  expect([rate.take('operator', 0), rate.take('vehicle', 0), rate.take('vehicle', 1_000)]).toEqual([true, false, true]);
});
