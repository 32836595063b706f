import type { Registry } from '@milepost/runtime';
import { Counter, Gauge, Histogram } from 'prom-client';

export type WebhookMetrics = ReturnType<typeof createWebhookMetrics>;

/** No URLs as labels: they carry secrets. An endpoint's id is enough to find it. */
export function createWebhookMetrics(registry: Registry) {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  return {
    attempts: new Counter({
      name: 'milepost_webhooks_attempts_total',
      help: 'Attempts by endpoint and outcome (delivered, failed, dead; outdated: a heartbeat that was too late to be sent)',
      labelNames: ['endpoint', 'outcome'] as const,
      registers,
    }),
    attemptSeconds: new Histogram({
      name: 'milepost_webhooks_attempt_duration_seconds',
      help: 'Time to the receiver’s status line, or to giving up',
      labelNames: ['outcome'] as const,
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30],
      registers,
    }),
    inFlight: gauge('milepost_webhooks_in_flight_deliveries', 'Deliveries that this process is sending'),
    dispatched: new Counter({ name: 'milepost_webhooks_dispatched_events_total', help: 'Events taken from the outbox', registers }),
    created: new Counter({ name: 'milepost_webhooks_created_deliveries_total', help: 'Deliveries made of them', registers }),
    dispatchSeconds: new Histogram({
      name: 'milepost_webhooks_dispatch_delay_seconds',
      help: 'Age of the oldest event of a batch when it was dispatched',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300],
      registers,
    }),
    pending: gauge('milepost_webhooks_pending_deliveries', 'Deliveries never tried, at endpoints that are enabled'),
    failed: gauge('milepost_webhooks_failed_deliveries', 'Deliveries with a retry due, at endpoints that are enabled'),
    waiting: gauge('milepost_webhooks_waiting_deliveries', 'Deliveries that wait for a suspended or disabled endpoint'),
    lagSeconds: gauge('milepost_webhooks_delivery_lag_seconds', 'How long the most overdue delivery is due'),
    undispatched: gauge('milepost_webhooks_undispatched_events', 'Events of the outbox that wait for dispatch'),
    openBreakers: gauge(
      'milepost_webhooks_open_breakers',
      'Enabled endpoints that get one delivery at a time, after a pause, for they failed too often',
    ),
    suspended: new Counter({ name: 'milepost_webhooks_suspended_endpoints_total', help: 'Endpoints suspended', registers }),
    relayed: new Counter({
      name: 'milepost_webhooks_relayed_events_total',
      help: 'Events given to fleet.alerts by outcome (stored, refused)',
      labelNames: ['outcome'] as const,
      registers,
    }),
    relayLagSeconds: gauge('milepost_webhooks_relay_lag_seconds', 'Age of the oldest event that fleet.alerts does not have'),
    relayActive: gauge('milepost_webhooks_relay_active', '1 in the process that relays'),
    forgotten: new Counter({
      name: 'milepost_webhooks_forgotten_rows_total',
      help: 'Rows deleted because they are old (deliveries, undelivered, events, endpoints)',
      labelNames: ['kind'] as const,
      registers,
    }),
  };
}
