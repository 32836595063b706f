// Our broker as apps/broker puts it together, all but Kafka: the log answers by itself, and nobody reads presence back.

import { Bridge } from '@milepost/broker/bridge/bridge.js';
import { Admission } from '@milepost/broker/connections/admission.js';
import type { ClientConnection } from '@milepost/broker/connections/client-connection.js';
import { ClientRegistry } from '@milepost/broker/connections/client-registry.js';
import { OutputFlusher } from '@milepost/broker/connections/output-flusher.js';
import { ProcessBudget } from '@milepost/broker/connections/process-budget.js';
import { TakeOverLimiter } from '@milepost/broker/connections/take-over-limiter.js';
import { VehicleRules } from '@milepost/broker/connections/vehicle-rules.js';
import { LocalDelivery } from '@milepost/broker/delivery/local-delivery.js';
import { Reception } from '@milepost/broker/listener/reception.js';
import { ServerCredentials } from '@milepost/broker/listener/server-credentials.js';
import { TlsListener } from '@milepost/broker/listener/tls-listener.js';
import { BrokerMetrics } from '@milepost/broker/metrics.js';
import { PresencePublisher } from '@milepost/broker/presence/presence-publisher.js';
import { RefusalReporter } from '@milepost/broker/refusals/refusal-reporter.js';
import { DEFAULT_CONNECTION_OPTIONS, DEFAULT_ROUTER_LIMITS, type SubscribeToken, type Subscription } from '@milepost/mqtt';
import { loadTrust } from '@milepost/pki';
import { createLogger, createMetrics } from '@milepost/runtime';
import { NullLog } from './null-log.js';
import { serve } from './serve.js';

const MIB = 1024 * 1024;
const HANDSHAKE_MS = 10_000;

const logger = createLogger({ app: 'broker', level: 'warn' });
const metrics = new BrokerMetrics(createMetrics('broker'));
const registry = new ClientRegistry();
const log = new NullLog();
const publisher = new PresencePublisher({ log, node: 'bench', epoch: Date.now(), partitions: 12 });
const refusals = new RefusalReporter({ publisher, log, operatorOrganisation: 'default', metrics, logger });
const admission = new Admission({ log, publisher, registry, takeOvers: new TakeOverLimiter(), refusals, metrics, logger });
const budget = new ProcessBudget(512 * MIB, () => registry.all());
const bridge = new Bridge({ log, budget, maxQoS0Bytes: 32 * MIB, metrics });
const delivery = new LocalDelivery<ClientConnection>(DEFAULT_ROUTER_LIMITS);

/** Vehicles may not read each other; in the fan-out they do. */
class OpenRules extends VehicleRules {
  override subscribe(
    connection: ClientConnection,
    subscriptions: readonly Subscription[],
    identifier: number | undefined,
    token: SubscribeToken,
  ): void {
    const { organisation } = connection.identity;
    const answer = delivery.subscribe(connection, organisation, subscriptions, identifier, () => true, performance.now());
    connection.settleSubscribe(token, answer.reasonCodes);
    answer.deliverRetained();
  }
}

serve(async ({ certificate, key, trust: trustFile }) => {
  const trust = await loadTrust(trustFile);
  const rules = new OpenRules({ admission, bridge, delivery, publisher, registry, metrics, logger });
  const surroundings = { options: DEFAULT_CONNECTION_OPTIONS, rules, flusher: new OutputFlusher(), metrics };
  const reception = new Reception({ trust, registry, surroundings, budget, refusals, metrics, logger });
  const credentials = await ServerCredentials.load({
    certificateFile: certificate,
    keyFile: key,
    trust,
    logger,
    onChange: () => undefined,
  });
  const listener = new TlsListener({
    host: '127.0.0.1',
    port: 0,
    backlog: 4_096,
    maxHandshakes: 64,
    maxConnections: 50_000,
    handshakeTimeoutMs: HANDSHAKE_MS,
    context: credentials.context,
    onSecure: (socket, address) => reception.secured(socket, address),
    onFailed: (error, address) => reception.failed(error, address),
    onOverload: (address) => reception.overloaded(address),
  });
  return listener.listen();
});
