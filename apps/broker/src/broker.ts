import type { KafkaConnection, LogWriter } from '@milepost/kafka';
import { DEFAULT_CONNECTION_OPTIONS, DEFAULT_ROUTER_LIMITS, DEFAULT_SESSION_LIMITS } from '@milepost/mqtt';
import type { Trust } from '@milepost/pki';
import { type Logger, type Registry, sleep, within } from '@milepost/runtime';
import { createCore } from './broker-core.js';
import { shutDown } from './clients/shut-down.js';
import type { BrokerConfig } from './config.js';
import { type OperatorDoor, openOperatorDoor } from './doors/operators/open-operator-door.js';
import { Reception } from './doors/vehicles/reception.js';
import { rivalSeen } from './doors/vehicles/rivals.js';
import { ServerCredentials } from './listener/server-credentials.js';
import { TlsListener } from './listener/tls-listener.js';
import { KafkaReader } from './log/kafka-reader.js';
import { BrokerMetrics } from './metrics.js';
import { LeaseKeeper, nextEpoch } from './presence/lease-keeper.js';
import { PresencePublisher } from './presence/presence-publisher.js';
import { PresenceWatch } from './presence/presence-watch.js';
import { readHistory } from './presence/read-history.js';
import { RefusalReporter } from './refusals/refusal-reporter.js';

export interface BrokerSurroundings {
  config: BrokerConfig;
  node: string;
  kafka: KafkaConnection;
  log: LogWriter;
  trust: Trust;
  registry: Registry;
  logger: Logger;
  /** Ends the process: for what cannot be mended from inside. */
  fail(error: Error): void;
}

export interface Broker {
  /** Why it is not ready. Kafka's absence is no reason: a load balancer would take out every broker at once. */
  notReady(): string[];
  close(): Promise<void>;
}

/** How long the start waits for the presence log: longer, and the epoch is of the clock alone. */
const HISTORY_TIMEOUT_MS = 5_000;

/** Kafka may be away: its group goes by itself then. */
const WATCH_STOP_MS = 1_000;

/** Puts the parts together, opens the listener last, and takes it apart in the opposite order. */
export async function startBroker({
  config,
  node,
  kafka,
  log,
  trust,
  registry: prometheus,
  logger,
  fail,
}: BrokerSurroundings): Promise<Broker> {
  const metrics = new BrokerMetrics(prometheus);
  const watch = new PresenceWatch({ kafka, node, logger });
  const partitions = config.KAFKA_PARTITIONS;
  const historyRead = readHistory({ kafka, watch, partitions, logger });
  const knowsHistory = await Promise.race([historyRead, sleep(HISTORY_TIMEOUT_MS).then(() => false)]);
  if (!knowsHistory)
    logger.warn({ event: 'broker.presence.unknown' }, 'Kafka does not answer; the listener opens when the state in it has been read');

  const publisher = new PresencePublisher({
    log,
    node,
    epoch: nextEpoch(Date.now(), watch.lastSeenEpoch),
    partitions,
    onLost: (record, code) =>
      logger.error(
        { event: 'broker.presence.lost', kind: record.kind, vehicleId: 'vehicleId' in record ? record.vehicleId : undefined, code },
        'A presence record found no place in the log; what it says is not known there',
      ),
  });
  const leases = new LeaseKeeper({ publisher, history: watch, partitions, logger });
  const refusals = new RefusalReporter({ publisher, log, operatorOrganisation: config.OPERATOR_ORGANISATION, metrics, logger });
  // What the log says of this installation may come while the state is still being read.
  historyRead.catch(fail);
  const core = await createCore({
    log,
    reader: new KafkaReader(kafka, logger),
    node,
    epoch: publisher.epoch,
    partitions,
    connections: connectionOptions(config),
    limits: DEFAULT_SESSION_LIMITS,
    router: { ...DEFAULT_ROUTER_LIMITS, maxMessages: config.MQTT_MAX_RETAINED_MESSAGES },
    maxProcessBytes: config.MQTT_MAX_PROCESS_BYTES,
    maxQoS0Bytes: config.MQTT_MAX_QOS0_BYTES,
    sysOrganisation: config.OPERATOR_ORGANISATION,
    metrics,
    logger,
  });
  const { registry, admission, budget, guard, receive } = core;
  watch.tellOfRivals((rival, offset) => rivalSeen(rival, offset, { registry, admission }));
  const stopGuarding = trust.onChange(() => guard.recheckAll());
  const reception = new Reception({ door: { trust, publisher, refusals }, receive, metrics, logger });

  const credentials = await ServerCredentials.load({
    certificateFile: config.MQTT_TLS_CERT_FILE,
    keyFile: config.MQTT_TLS_KEY_FILE,
    trust,
    logger,
    onChange: (context) => {
      for (const each of [listener, operators?.listener]) each?.setContext(context);
    },
  });
  const common = {
    host: config.MQTT_HOST,
    backlog: config.MQTT_BACKLOG,
    maxHandshakes: config.MQTT_MAX_HANDSHAKES,
    maxConnections: config.MQTT_MAX_CONNECTIONS,
    handshakeTimeoutMs: config.MQTT_HANDSHAKE_TIMEOUT_MS,
    context: credentials.context,
    onFailed: (error: Error, address: string) => reception.failed(error, address),
    onOverload: (address: string) => reception.overloaded(address),
  };
  const listener = new TlsListener({
    ...common,
    port: config.MQTT_TLS_PORT,
    requestCertificate: true,
    onSecure: (socket, address) => reception.secured(socket, address),
  });
  let operators: OperatorDoor | undefined;
  const sum = (of: (each: TlsListener) => number) => of(listener) + (operators === undefined ? 0 : of(operators.listener));
  metrics.gauge('sockets', 'Open sockets, handshakes included', () => sum((each) => each.openCount));
  metrics.gauge('handshakes_running', 'TLS handshakes in progress', () => sum((each) => each.handshakesRunning));
  metrics.gauge('handshakes_waiting', 'Accepted connections that wait for their handshake', () => sum((each) => each.handshakesWaiting));
  metrics.gauge(
    'kafka_answer_age_seconds',
    'Time since Kafka last answered a produce request',
    () => (Date.now() - log.lastAnswerAtMs) / 1000,
  );
  metrics.gauge('lease_age_seconds', 'Age of the oldest of the newest leases in the presence partitions', () => leases.ageMs / 1000);
  metrics.gauge('presence_epoch', 'Epoch of this node', () => publisher.epoch);

  leases.start();
  // When Kafka was away at the start: what the log says then may ask for a later epoch, or show that this is not our Kafka.
  historyRead.then(() => (watch.lastSeenEpoch > publisher.epoch ? leases.returnWithNewEpoch() : undefined)).catch(fail);
  operators = await openOperatorDoor({ config, listener: common, core, refusals, metrics, logger });
  const port = await listener.listen();
  logger.info({ event: 'broker.listening', host: config.MQTT_HOST, port, node, epoch: publisher.epoch }, `MQTT over TLS on port ${port}`);

  return {
    notReady: () => (listener.listening ? [] : ['the listener is closed']),
    close: async () => {
      listener.stopAccepting();
      operators?.listener.stopAccepting();
      operators?.close();
      credentials.close();
      stopGuarding();
      core.close();
      refusals.close();
      await shutDown({ registry, budget, log, logger });
      leases.stop();
      await within(watch.stop(), WATCH_STOP_MS);
      listener.destroy();
      operators?.listener.destroy();
    },
  };
}

function connectionOptions(config: BrokerConfig) {
  return {
    ...DEFAULT_CONNECTION_OPTIONS,
    maxPacketBytes: config.MQTT_MAX_PACKET_BYTES,
    connectTimeoutMs: config.MQTT_CONNECT_TIMEOUT_MS,
    receiveMaximum: config.MQTT_RECEIVE_MAXIMUM,
    maxSessionExpirySeconds: config.MQTT_MAX_SESSION_EXPIRY_SECONDS,
    sharedSubscriptionsAvailable: true,
    subscriptionIdentifiersAvailable: true,
    maxUnacknowledgedBytes: config.MQTT_MAX_UNACKNOWLEDGED_BYTES,
  };
}
