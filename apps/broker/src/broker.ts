import type { KafkaConnection, LogWriter } from '@milepost/kafka';
import { DEFAULT_CONNECTION_OPTIONS, DEFAULT_ROUTER_LIMITS } from '@milepost/mqtt';
import type { Trust } from '@milepost/pki';
import { type Logger, type Registry, sleep, within } from '@milepost/runtime';
import { createCore } from './broker-core.js';
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
import { LeaseKeeper, nextEpoch } from './presence/lease-keeper.js';
import { isOutdoneBy, OtherKeepers } from './presence/other-keepers.js';
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

/** Kafka may be away: the next start waits for it to be old then. */
const LAST_LEASE_MS = 500;

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
  // One of several has no state that outlives it: no other process could go on with it (decision 0019).
  const alone = config.BROKER_PROCESSES === 1;
  const keepers = new OtherKeepers();
  const watch = new PresenceWatch({ kafka, node, keepers, logger });
  const partitions = config.KAFKA_PARTITIONS;
  const historyRead = readHistory({ kafka, watch, partitions, logger });
  const knowsHistory = await Promise.race([historyRead, sleep(HISTORY_TIMEOUT_MS).then(() => false)]);
  if (!knowsHistory)
    logger.warn({ event: 'broker.presence.unknown' }, 'Kafka does not answer; the listener opens when the state in it has been read');
  if (alone) {
    await historyRead;
    await keepers.untilGone();
  }

  const publisher = new PresencePublisher({
    log,
    node,
    epoch: nextEpoch(Date.now(), Math.max(watch.lastSeenEpoch, keepers.lastEpoch)),
    partitions,
    keepsState: alone,
    onLost: (record, code) =>
      logger.error(
        { event: 'broker.presence.lost', kind: record.kind, vehicleId: 'vehicleId' in record ? record.vehicleId : undefined, code },
        'A presence record found no place in the log; what it says is not known there',
      ),
  });
  // It may not take a later epoch any more: its successor would give way to it.
  const giveWay = (error: Error) => {
    leases.stop();
    fail(error);
  };
  const leases = new LeaseKeeper({ publisher, history: watch, partitions, logger, ...(alone && { onTwin: giveWay }) });
  if (alone)
    keepers.watch((other) => {
      if (isOutdoneBy(publisher, other))
        giveWay(new Error(`Another broker, NODE_ID ${other.node}, keeps the MQTT state of this installation now`));
    });
  // From now on others know of this one.
  leases.start();
  const refusals = new RefusalReporter({ publisher, log, operatorOrganisation: config.OPERATOR_ORGANISATION, metrics, logger });
  // What the log says of this installation may come while the state is still being read.
  historyRead.catch(fail);
  const ownState = alone ? undefined : new MemoryLog({ partitions, keep: false });
  const core = await createCore({
    log,
    reader: ownState ?? new KafkaReader(kafka, logger),
    ...(ownState !== undefined && { stateLog: ownState }),
    node,
    epoch: publisher.epoch,
    partitions,
    connections: connectionOptions(config),
    limits: { maxQueuedMessages: config.MQTT_MAX_QUEUED_MESSAGES, maxQueuedBytes: config.MQTT_MAX_QUEUED_BYTES },
    router: {
      ...DEFAULT_ROUTER_LIMITS,
      maxMessages: config.MQTT_MAX_RETAINED_MESSAGES,
      maxSubscriptionsPerSubscriber: config.MQTT_MAX_SUBSCRIPTIONS,
    },
    rates: { packetsPerSecond: config.MQTT_MAX_PACKETS_PER_SECOND, bytesPerSecond: config.MQTT_MAX_BYTES_PER_SECOND },
    maxProcessBytes: config.MQTT_MAX_PROCESS_BYTES,
    maxQoS0Bytes: config.MQTT_MAX_QOS0_BYTES,
    maxKeptBytes: config.MQTT_MAX_KEPT_BYTES,
    maxSessionsPerUser: config.MQTT_MAX_SESSIONS_PER_USER,
    recordTimeoutMs: config.MQTT_CONNACK_TIMEOUT_MS,
    connectsPerSecond: config.MQTT_MAX_CONNECTS_PER_SECOND,
    ...(alone && { sysOrganisation: config.OPERATOR_ORGANISATION }),
    metrics,
    logger,
  });
  const { registry, admission, budget, guard } = core;
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
    () => (Date.now() - log.lastAnswerAtMs) / 1000,
  );
  metrics.gauge('lease_age_seconds', 'Age of the oldest of the newest leases in the presence partitions', () => leases.ageMs / 1000);
  metrics.gauge('presence_epoch', 'Epoch of this node', () => publisher.epoch);

  // When Kafka was away at the start: what the log says then may ask for a later epoch, or show that this is not our Kafka.
  historyRead.then(() => (watch.lastSeenEpoch > publisher.epoch ? leases.returnWithNewEpoch() : undefined)).catch(fail);
  const operators = await loadOperators({ config, guard, refusals, metrics, logger });
  doors = await openDoors({
    config,
    context: credentials.context,
    receive: core.receive,
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
      await shutDown({ registry, budget, log, logger });
      leases.stop();
      if (alone) await within(publisher.leaveState(), LAST_LEASE_MS);
      await within(watch.stop(), WATCH_STOP_MS);
      opened.destroy();
    },
  };
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
