import { createLogTail, type KafkaConnection, type LogWriter } from '@milepost/kafka';
import { DEFAULT_CONNECTION_OPTIONS, DEFAULT_ROUTER_LIMITS } from '@milepost/mqtt';
import type { Trust } from '@milepost/pki';
import type { Logger, Registry } from '@milepost/runtime';
import { type CoreOptions, createCore } from './broker-core.js';
import { shutDown } from './clients/shut-down.js';
import type { BrokerConfig } from './config.js';
import { type Doors, openDoors } from './doors/open-doors.js';
import { loadOperators } from './doors/operators/operators.js';
import { Reception } from './doors/vehicles/reception.js';
import { rivalSeen } from './doors/vehicles/rivals.js';
import { ServerCredentials } from './listener/server-credentials.js';
import { KafkaReader } from './log/kafka-reader.js';
import { MemoryLog } from './log/memory-log.js';
import { BrokerMetrics } from './metrics.js';
import { NodePresence } from './presence/node-presence.js';
import { RefusalReporter } from './refusals/refusal-reporter.js';
import { showTrustInMetrics } from './trust-gauges.js';

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
  // One of several has no state that outlives it: no other process could go on with it (decision 0019).
  const alone = config.BROKER_PROCESSES === 1;
  const partitions = config.KAFKA_PARTITIONS;
  const presence = await NodePresence.begin({ node, keepsState: alone, kafka, log, partitions, metrics, logger, fail });
  const { publisher, watch } = presence;
  const refusals = new RefusalReporter({ publisher, log, operatorOrganisation: config.OPERATOR_ORGANISATION, metrics, logger });
  const ownState = alone ? undefined : new MemoryLog({ partitions, keep: false });
  const core = await createCore({
    log,
    reader: ownState ?? new KafkaReader(kafka, logger, (options) => createLogTail(kafka, options)),
    ...(ownState !== undefined && { stateLog: ownState }),
    node,
    epoch: publisher.epoch,
    partitions,
    ...limitsOf(config),
    ...(alone && { sysOrganisation: config.OPERATOR_ORGANISATION }),
    metrics,
    logger,
  });
  const { registry, admission, budget, guard, departures } = core;
  watch.tellOfRivals((rival, offset) => rivalSeen(rival, offset, { registry, admission }));
  const stopGuarding = trust.onChange(() => guard.recheckAll());
  const reception = new Reception({ door: { trust, publisher, refusals, alone }, metrics, logger });

  const credentials = await ServerCredentials.load({
    certificateFile: config.MQTT_TLS_CERT_FILE,
    keyFile: config.MQTT_TLS_KEY_FILE,
    trust,
    logger,
    onChange: (context) => doors?.setContext(context),
  });
  let doors: Doors | undefined;
  metrics.gauge(
    'kafka_answer_age_seconds',
    'Time since Kafka last answered a produce request',
    () => (performance.now() - log.lastAnswerAtMs) / 1000,
  );
  showTrustInMetrics({ metrics, trust, credentials });
  presence.showInMetrics();
  presence.followHistory();
  const operators = await loadOperators({ config, guard, refusals, metrics, logger });
  doors = await openDoors({
    config,
    context: credentials.context,
    receive: core.receive,
    departures,
    reception,
    operators,
    metrics,
    logger: logger.child({ node, epoch: publisher.epoch }),
  });
  const opened = doors;
  let accepting = true;

  return {
    notReady: () => (accepting ? [] : ['the listeners are closed']),
    close: async () => {
      accepting = false;
      opened.stopAccepting();
      operators?.close();
      credentials.close();
      stopGuarding();
      core.close();
      refusals.close();
      await shutDown({ registry, budget, departures, log, logger });
      await presence.end();
      opened.destroy();
    },
  };
}

function limitsOf(config: BrokerConfig) {
  return {
    connections: connectionOptions(config),
    limits: { maxQueuedMessages: config.MQTT_MAX_QUEUED_MESSAGES, maxQueuedBytes: config.MQTT_MAX_QUEUED_BYTES },
    router: {
      ...DEFAULT_ROUTER_LIMITS,
      maxMessages: config.MQTT_MAX_RETAINED_MESSAGES,
      maxSubscriptionsPerSubscriber: config.MQTT_MAX_SUBSCRIPTIONS,
      maxSubscriptionsInAll: config.MQTT_MAX_SUBSCRIPTIONS_IN_ALL,
    },
    rates: { packetsPerSecond: config.MQTT_MAX_PACKETS_PER_SECOND, bytesPerSecond: config.MQTT_MAX_BYTES_PER_SECOND },
    ratesInAll: {
      packetsPerSecond: config.MQTT_MAX_PACKETS_PER_SECOND_IN_ALL,
      bytesPerSecond: config.MQTT_MAX_BYTES_PER_SECOND_IN_ALL,
    },
    maxProcessBytes: config.MQTT_MAX_PROCESS_BYTES,
    maxQoS0Bytes: config.MQTT_MAX_QOS0_BYTES,
    maxKeptBytes: config.MQTT_MAX_KEPT_BYTES,
    maxSessionsPerUser: config.MQTT_MAX_SESSIONS_PER_USER,
    recordTimeoutMs: config.MQTT_CONNACK_TIMEOUT_MS,
    connectsPerSecond: config.MQTT_MAX_CONNECTS_PER_SECOND,
    connectsPerClientPerMinute: config.MQTT_MAX_CONNECTS_PER_CLIENT_PER_MINUTE,
  } satisfies Partial<CoreOptions>;
}

function connectionOptions(config: BrokerConfig) {
  return {
    ...DEFAULT_CONNECTION_OPTIONS,
    maxPacketBytes: config.MQTT_MAX_PACKET_BYTES,
    connectTimeoutMs: config.MQTT_CONNECT_TIMEOUT_MS,
    receiveMaximum: config.MQTT_RECEIVE_MAXIMUM,
    maxUnreleased: Math.max(config.MQTT_RECEIVE_MAXIMUM, DEFAULT_CONNECTION_OPTIONS.maxUnreleased),
    maxSessionExpirySeconds: config.BROKER_PROCESSES === 1 ? config.MQTT_MAX_SESSION_EXPIRY_SECONDS : 0,
    sharedSubscriptionsAvailable: true,
    subscriptionIdentifiersAvailable: true,
    maxUnacknowledgedBytes: config.MQTT_MAX_UNACKNOWLEDGED_BYTES,
  };
}
