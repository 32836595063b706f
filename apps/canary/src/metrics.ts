import type { Registry } from '@milepost/runtime';
import { Counter, Gauge, Histogram } from 'prom-client';

export type CanaryMetrics = ReturnType<typeof createCanaryMetrics>;

export function createCanaryMetrics(registry: Registry) {
  const registers = [registry];
  return {
    rounds: new Counter({
      name: 'milepost_canary_rounds_total',
      help: 'Messages sent through the pipeline, by whether they came to the API in time',
      labelNames: ['outcome'] as const,
      registers,
    }),
    roundSeconds: new Histogram({
      name: 'milepost_canary_round_seconds',
      help: 'From the publish to its row in the API',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
      registers,
    }),
    loopClosedAt: new Gauge({
      name: 'milepost_canary_loop_closed_timestamp_seconds',
      help: 'When the last message came through',
      registers,
    }),
    heartbeats: new Counter({
      name: 'milepost_canary_heartbeats_total',
      help: 'Heartbeats that were due, by what became of them',
      labelNames: ['outcome'] as const,
      registers,
    }),
  };
}
