import { expect, it } from 'vitest';
import type { LoadOrder } from './load-protocol.js';
import { joined, sharesOf } from './load-shares.js';

const orderOf = (vehicles: number, rate: number): LoadOrder => ({
  ...{ mqttPort: 1, caPem: '', inflight: 1, warmUpSeconds: 0, seconds: 1, payloadBytes: 198, rate },
  vehicles: Array.from({ length: vehicles }, (_, n) => ({ id: `bench-${n}`, certificatePem: '', privateKeyPem: '' })),
});

it.each([
  [200, [200]],
  [10_000, [10_000]],
  [10_001, [5_001, 5_000]],
  [20_000, [10_000, 10_000]],
])('%i vehicles are those of load processes that may have 10,000 each: none is left out, and none comes twice', (vehicles, shares) => {
  const orders = sharesOf(orderOf(vehicles, 1_000), 10_000);
  expect(orders.map((order) => order.vehicles.length)).toEqual(shares);
  expect(new Set(orders.flatMap((order) => order.vehicles.map(({ id }) => id))).size).toBe(vehicles);
  expect(orders.reduce((sum, { rate }) => sum + rate, 0)).toBeCloseTo(1_000, 6);
});

it('without a rate each goes as fast as it can', () => {
  expect(sharesOf(orderOf(20_000, 0), 10_000).map(({ rate }) => rate)).toEqual([0, 0]);
});

it('percentiles are those of all latencies together', () => {
  const done = { kind: 'done' as const, published: 4, acknowledged: 3, seconds: 2, cpuSeconds: 1, lastAckAt: 7 };
  const both = joined([
    { ...done, ackLatenciesMs: Float64Array.of(1, 1, 1, 1, 1, 1) },
    { ...done, lastAckAt: 9, seconds: 2.5, ackLatenciesMs: Float64Array.of(9, 9) },
  ]);
  expect(both).toEqual({
    ...{ published: 8, acknowledged: 6, seconds: 2.5, cpuSeconds: 2, lastAckAt: 9 },
    ackLatencyMs: { p50: 1, p95: 9, p99: 9, max: 9 },
  });
});
