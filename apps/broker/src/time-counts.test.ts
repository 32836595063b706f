import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { TimeCounts } from './time-counts.js';

test("Prometheus is told what it would be of prom-client's own histogram", async () => {
  const ours = new Registry();
  const theirs = new Registry();
  const times = new TimeCounts([0.01, 0.1, 1]);
  times.register(ours, 'times', 'Times');
  const histogram = new Histogram({ name: 'times', help: 'Times', buckets: [0.01, 0.1, 1], registers: [theirs] });
  for (const seconds of [0, 0.01, 0.011, 0.1, 0.5, 1, 1.001, 70]) {
    times.observe(seconds);
    histogram.observe(seconds);
  }
  expect(await ours.metrics()).toBe(await theirs.metrics());
});
