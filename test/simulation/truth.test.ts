import { expect, test } from 'vitest';
import { type Away, type Fault, resolvedByMs } from './truth.js';

const crash = (toMs: number): Away => ({ vehicleId: 'v1', kind: 'crash', fromMs: 0, toMs });
const outage: Fault = { kind: 'outage', fromMs: 100_000, lengthMs: 600_000 };
const stall: Fault = { kind: 'stall', fromMs: 100_000, lengthMs: 600_000 };

test.each([
  ['before an outage of Kafka', 99_999, 109_999],
  ['during one: when it is over', 300_000, 710_000],
  ['behind one', 800_000, 810_000],
])('an alert is resolved 10 s after a return %s', (_when, toMs, byMs) => {
  expect(resolvedByMs(crash(toMs), [outage])).toBe(byMs);
});

test('a node that says nothing is no reason to wait: a vehicle returns to another one', () => {
  expect(resolvedByMs(crash(300_000), [stall])).toBe(310_000);
});
