import type { Admission } from './clients/admission.js';
import type { AwaitedSaves } from './clients/awaited-saves.js';
import type { ClientRegistry } from './clients/client-registry.js';
import type { ProcessBudget } from './connections/process-budget.js';
import type { LocalDelivery } from './delivery/subscribers/local-delivery.js';
import type { BrokerMetrics } from './metrics.js';
import type { MessageRecords } from './records/message-records.js';
import type { Sessions } from './sessions/sessions.js';
import type { Wills } from './wills/wills.js';

interface MeasuredParts {
  metrics: BrokerMetrics;
  registry: ClientRegistry;
  admission: Admission;
  saves: AwaitedSaves;
  budget: ProcessBudget;
  sessions: Sessions;
  records: MessageRecords;
  wills: Wills;
  delivery: LocalDelivery;
}

/** What there is of clients, sessions and messages, as it is whenever somebody asks. To be called when the broker is ready for clients. */
export function showInMetrics({ metrics, registry, admission, saves, budget, sessions, records, wills, delivery }: MeasuredParts): void {
  const startedAtMs = performance.now();
  metrics.gauge('uptime_seconds', 'Time since the broker was ready for clients', () => (performance.now() - startedAtMs) / 1000);
  metrics.gauge('connections', 'Open connections of clients', () => registry.size);
  metrics.gauge('clients_connected', 'Clients whose CONNECT was accepted, or is about to be', () => registry.clientCount);
  metrics.gauge('clients_maximum', 'The most clients that were connected at a time', () => registry.maximumCount);
  metrics.gauge('connects_waiting', 'CONNECTs that wait for their record to be durable', () => admission.waitingCount);
  metrics.gauge('subscribes_waiting', 'SUBSCRIBEs and UNSUBSCRIBEs that wait for their record to be durable', () => saves.size);
  metrics.gauge('unacknowledged_bytes', 'Bytes of publishes that wait for Kafka', () => budget.usedBytes);
  metrics.gauge('unacknowledged_limit_bytes', 'Bytes of publishes at which nobody is read any more', () => budget.limitBytes);
  metrics.gauge('sessions', 'Sessions, with and without a connection', () => sessions.size);
  metrics.gauge('sessions_disconnected', 'Sessions whose client is away', () => sessions.disconnectedCount);
  metrics.gauge('sessions_ending', 'Clients whose session is over, and still on record', () => sessions.endingCount);
  metrics.gauge('kept_messages', 'Messages on record that a session waits for', () => records.size);
  metrics.gauge('kept_bytes', 'Bytes of those messages, each body once, and what they cost to hold', () => records.bytes);
  metrics.gauge('pending_wills', 'Wills that wait for their delay', () => wills.pendingCount);
  metrics.gauge('subscriptions', 'Subscriptions', () => delivery.subscriptionCount);
  metrics.gauge('shared_subscriptions', 'Shared subscriptions, one for each member', () => delivery.sharedSubscriptionCount);
  metrics.gauge('retained_messages', 'Retained messages in memory', () => delivery.retainedCount);
}
