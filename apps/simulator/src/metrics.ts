import type { Registry } from '@milepost/runtime';
import { Counter, Gauge, Histogram } from 'prom-client';

export type SimulatorMetrics = ReturnType<typeof createSimulatorMetrics>;

export function createSimulatorMetrics(registry: Registry) {
  const registers = [registry];
  return {
    connected: new Gauge({ name: 'milepost_simulator_connections', help: 'Vehicles that are connected now', registers }),
    connectFailures: new Counter({ name: 'milepost_simulator_connect_failures_total', help: 'Attempts to connect that failed', registers }),
    connectionsLost: new Counter({
      name: 'milepost_simulator_connections_lost_total',
      help: 'Connections that ended unasked, or were cut',
      registers,
    }),
    acknowledged: new Counter({
      name: 'milepost_simulator_items_acknowledged_total',
      help: 'Fixes and diagnostics that the broker has acknowledged',
      labelNames: ['topic'] as const,
      registers,
    }),
    lost: new Counter({
      name: 'milepost_simulator_items_lost_total',
      help: 'Items that made room in a full offline buffer',
      labelNames: ['topic'] as const,
      registers,
    }),
    refused: new Counter({
      name: 'milepost_simulator_items_refused_total',
      help: 'Items that the broker refused',
      labelNames: ['topic'] as const,
      registers,
    }),
    ackSeconds: new Histogram({
      name: 'milepost_simulator_publish_ack_seconds',
      help: 'From PUBLISH to PUBACK',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
  };
}
