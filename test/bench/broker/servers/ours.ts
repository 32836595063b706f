// Our broker as apps/broker puts it together, all but Kafka: the log answers by itself, and nobody reads presence back.
import { createCore } from '@milepost/broker/broker-core.js';
import { Reception } from '@milepost/broker/doors/vehicles/reception.js';
import { VehicleGate } from '@milepost/broker/doors/vehicles/vehicle-gate.js';
import { Entrance } from '@milepost/broker/listener/entrance/entrance.js';
import { ServerCredentials } from '@milepost/broker/listener/server-credentials.js';
import { TlsListener } from '@milepost/broker/listener/tls-listener.js';
import { BrokerMetrics } from '@milepost/broker/metrics.js';
import { PresencePublisher } from '@milepost/broker/presence/presence-publisher.js';
import { RefusalReporter } from '@milepost/broker/refusals/refusal-reporter.js';
import { DEFAULT_CONNECTION_OPTIONS, DEFAULT_ROUTER_LIMITS, DEFAULT_SESSION_LIMITS } from '@milepost/mqtt';
import { loadTrust } from '@milepost/pki';
import { createLogger, createMetrics } from '@milepost/runtime';
import { NullLog } from './null-log.js';
import { serve } from './serve.js';

const MIB = 1024 * 1024;

// Vehicles may not read each other; in the fan-out they do.
VehicleGate.prototype.maySubscribe = () => true;

serve(async ({ certificate, key, trust: trustFile }) => {
  const logger = createLogger({ app: 'broker', level: 'warn' });
  const metrics = new BrokerMetrics(createMetrics('broker'));
  const trust = await loadTrust(trustFile);
  const log = new NullLog();
  const publisher = new PresencePublisher({ log, node: 'bench', epoch: Date.now(), partitions: 12 });
  const refusals = new RefusalReporter({ publisher, log, operatorOrganisation: 'default', metrics, logger });
  const { receive } = await createCore({
    log,
    reader: { readAll: () => Promise.resolve() },
    node: 'bench',
    epoch: Date.now(),
    partitions: 12,
    limits: DEFAULT_SESSION_LIMITS,
    connections: DEFAULT_CONNECTION_OPTIONS,
    router: DEFAULT_ROUTER_LIMITS,
    maxProcessBytes: 512 * MIB,
    maxQoS0Bytes: 32 * MIB,
    metrics,
    logger,
  });
  const reception = new Reception({ door: { trust, publisher, refusals, alone: true }, metrics, logger });
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
    entrance: new Entrance({
      maxConnections: 50_000,
      maxHandshakes: 64,
      maxWaiting: 4_096,
      handshakesPerSecond: 0,
      onLimit: () => undefined,
    }),
    handshakeTimeoutMs: 10_000,
    context: credentials.context,
    requestCertificate: true,
    onSecure: (socket, address) => {
      const gate = reception.gateOf(socket, address);
      if (gate !== undefined) receive(socket, gate);
    },
    onFailed: (error, address) => reception.failed(error, address),
    onOverload: (address) => reception.overloaded(address),
  });
  return listener.listen();
});
