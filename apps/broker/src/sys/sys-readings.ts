import type { MetricReading } from '../metrics.js';

export interface SysReading {
  /** Below `$SYS/broker/`. */
  readonly topic: string;
  /** Metrics of Prometheus whose sum it is: there is no second count. */
  readonly sumOf: readonly MetricReading[];
}

const packets = (direction: 'in' | 'out', type?: string): MetricReading => ({
  name: 'packets_total',
  labels: type === undefined ? { direction } : { direction, type },
});
const bytes = (direction: 'in' | 'out'): MetricReading => ({ name: 'mqtt_bytes_total', labels: { direction } });
const reading = (topic: string, ...sumOf: MetricReading[]): SysReading => ({ topic, sumOf });

/** What the broker tells of itself, under the names that mosquitto made usual: `messages` are packets of any type, `publish/messages` are PUBLISH. */
export const SYS_READINGS: readonly SysReading[] = [
  reading('uptime', { name: 'uptime_seconds' }),
  reading('clients/connected', { name: 'clients_connected' }),
  reading('clients/disconnected', { name: 'sessions_disconnected' }),
  reading('clients/total', { name: 'sessions' }),
  reading('clients/maximum', { name: 'clients_maximum' }),
  reading('messages/received', packets('in')),
  reading('messages/sent', packets('out')),
  reading('publish/messages/received', packets('in', 'publish')),
  reading('publish/messages/sent', packets('out', 'publish')),
  reading('publish/messages/dropped', { name: 'undelivered_total' }, { name: 'qos0_dropped_total' }),
  reading('bytes/received', bytes('in')),
  reading('bytes/sent', bytes('out')),
  reading('subscriptions/count', { name: 'subscriptions' }),
  reading('shared_subscriptions/count', { name: 'shared_subscriptions' }),
  reading('retained messages/count', { name: 'retained_messages' }),
];

/** Whose averages are told, as `load/{topic}/1min` and so on. */
export const SYS_LOADS: readonly SysReading[] = [
  reading('messages/received', packets('in')),
  reading('messages/sent', packets('out')),
  reading('connections', packets('in', 'connect')),
];
