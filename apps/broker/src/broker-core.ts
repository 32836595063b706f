import type { ConnectionOptions, RouterLimits } from '@milepost/mqtt';
import type { Logger } from '@milepost/runtime';
import { Bridge } from './bridge/bridge.js';
import { Admission } from './clients/admission.js';
import { Client, type ClientSurroundings } from './clients/client.js';
import { ClientGuard } from './clients/client-guard.js';
import { ClientRegistry } from './clients/client-registry.js';
import type { Gate } from './clients/gate.js';
import { TakeOverLimiter } from './clients/take-over-limiter.js';
import type { ClientSocket } from './connections/client-connection.js';
import { OutputFlusher } from './connections/output-flusher.js';
import { ProcessBudget } from './connections/process-budget.js';
import { LocalDelivery } from './delivery/local-delivery.js';
import type { MessageLog } from './log/message-log.js';
import type { BrokerMetrics } from './metrics.js';

export interface CoreOptions {
  log: MessageLog;
  connections: ConnectionOptions;
  router: RouterLimits;
  maxProcessBytes: number;
  maxQoS0Bytes: number;
  metrics: BrokerMetrics;
  logger: Logger;
}

/** The broker behind its doors: clients, their messages and subscriptions. It knows no listener, no certificate and no password. */
export interface BrokerCore {
  readonly registry: ClientRegistry;
  readonly admission: Admission;
  readonly budget: ProcessBudget;
  readonly delivery: LocalDelivery<Client>;
  readonly guard: ClientGuard;
  /** Somebody has come through a door. */
  receive(socket: ClientSocket, gate: Gate): void;
}

export function createCore({ log, connections, router, maxProcessBytes, maxQoS0Bytes, metrics, logger }: CoreOptions): BrokerCore {
  const registry = new ClientRegistry();
  const admission = new Admission({ log, registry, takeOvers: new TakeOverLimiter(), metrics, logger });
  const budget = new ProcessBudget(maxProcessBytes, () => registry.all());
  const bridge = new Bridge({ log, budget, maxQoS0Bytes, metrics });
  const delivery = new LocalDelivery<Client>(router);
  const flusher = new OutputFlusher();
  const around: ClientSurroundings = { options: connections, flusher, admission, bridge, delivery, registry, metrics, logger };
  metrics.gauge('connections', 'Open connections of clients', () => registry.size);
  metrics.gauge('connects_waiting', 'CONNECTs that wait for their record to be durable', () => admission.waitingCount);
  metrics.gauge('unacknowledged_bytes', 'Bytes of publishes that wait for Kafka', () => budget.usedBytes);
  metrics.gauge('unacknowledged_limit_bytes', 'Bytes of publishes at which nobody is read any more', () => budget.limitBytes);
  metrics.gauge('subscriptions', 'Subscriptions', () => delivery.subscriptionCount);
  metrics.gauge('retained_messages', 'Retained messages in memory', () => delivery.retainedCount);
  return {
    registry,
    admission,
    budget,
    delivery,
    guard: new ClientGuard({ registry, admission, logger }),
    receive: (socket, gate) => {
      const client = new Client(socket, gate, around);
      registry.add(client);
      if (budget.exhausted) client.stopReading();
    },
  };
}
