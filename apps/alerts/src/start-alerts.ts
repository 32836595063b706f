import { topics } from '@milepost/contracts';
import {
  classifyDatabaseError,
  createPool,
  isTemporary,
  Registry,
  recordedPartitions,
  refreshFeedEpoch,
  stopped,
} from '@milepost/database';
import { connectKafka, createBatchConsumer, createLogWriter, TopicsError, verifyTopics } from '@milepost/kafka';
import { type AppContext, onceAnswered, type RunningApp, within } from '@milepost/runtime';
import { ConditionJudge } from './conditions/condition-judge.js';
import { createConditionMetrics } from './conditions/condition-metrics.js';
import type { AlertsConfig } from './config.js';
import { createBatchHandler } from './consume/batch-handler.js';
import { type Held, PartitionWriter } from './consume/partition-writer.js';
import { defaultNodeId, LeaseBeat, takeEpoch } from './lease/lease-beat.js';
import { createMetrics } from './metrics.js';
import { observe } from './observe.js';
import { basePolicy } from './policies/base-policy.js';
import { PolicyFeed } from './policies/policy-feed.js';
import { Positions } from './store/positions.js';
import { startUpkeep } from './upkeep/upkeep.js';

/** Partitions at a time: each needs a connection, and one is left for the registry. */
const PARTITIONS_CONCURRENTLY = 4;
/** How long a close waits for batches that are under way: where Kafka does not answer, what comes behind takes up to 10 s, of 15 in all. */
const BATCH_PATIENCE_MS = 5_000;
/** And for statements of upkeep and judgement. */
const STATEMENTS_PATIENCE_MS = 2_000;
/** And for clients of a Kafka that does not answer, or of a Postgres that waits for somebody's lock: whoever stops does not. */
const CLIENTS_PATIENCE_MS = 1_000;

/** Consumes presence, judges deadlines, writes this process's leases. Several processes share the partitions. */
export async function startAlerts({ config, logger, registry, fail, stopping }: AppContext<AlertsConfig>): Promise<RunningApp> {
  const kafka = connectKafka(config, { clientId: 'milepost-alerts', logger });
  const pool = createPool({ url: config.DATABASE_URL, app: 'alerts', size: config.DATABASE_POOL_SIZE, logger });
  // An app that starts before its services waits for them: a restart would change nothing.
  const fromPostgres = <T>(ask: () => Promise<T>): Promise<T> =>
    onceAnswered(ask, { whom: 'Postgres', isTemporary, signal: stopping, logger });
  const fromKafka = <T>(ask: () => Promise<T>): Promise<T> =>
    onceAnswered(ask, { whom: 'Kafka', isTemporary: (error) => !(error instanceof TopicsError), signal: stopping, logger });

  const clusterId = await fromKafka(() => kafka.clusterId());
  const counts = await fromPostgres(() => recordedPartitions(pool));
  const partitions = counts.get(topics.presence) ?? config.KAFKA_PARTITIONS;
  const dataTopics = [topics.presence, topics.location, topics.diagnostics];
  const expected = new Map(dataTopics.map((topic) => [topic, counts.get(topic) ?? config.KAFKA_PARTITIONS]));
  await fromKafka(() => verifyTopics(kafka, expected));
  await fromPostgres(() => refreshFeedEpoch(pool));

  // Before whatever waits: the metrics are asked for meanwhile.
  const states = new Map<number, Held>();
  const metrics = createMetrics(registry, () => observe(states));
  const positions = new Positions({ pool, clusterId, logger, metrics });
  await fromPostgres(() => positions.refuseForeignCluster());
  const onVersion = (version: number) => metrics.policyVersion.set(version);
  const policies = new PolicyFeed({ pool, base: basePolicy(config), logger, onVersion });
  await fromPostgres(() => policies.start());
  const writer = new PartitionWriter({
    states,
    pool,
    positions,
    clusterId,
    partitions,
    policies: () => policies.book,
    stormMinVehicles: config.STORM_MIN_VEHICLES,
    incidentLimits: { settledMs: config.INCIDENT_SETTLED_MS, maxMs: config.INCIDENT_MAX_MS },
    logger,
    metrics,
  });
  const vehicles = new Registry({ pool, policy: config.REGISTRY_POLICY });
  const consumer = createBatchConsumer(kafka, {
    groupId: 'milepost-alerts',
    topics: [topics.presence],
    logger,
    onBatch: createBatchHandler({ registry: vehicles, operatorOrganisation: config.OPERATOR_ORGANISATION, writer, logger, metrics }),
    positionOf: (_topic, partition, range) =>
      positions.read(partition, range).catch((error: unknown) => {
        // The consumer asks again and again: right while Postgres is away, wrong when it will never say.
        if (classifyDatabaseError(error) === 'stop') fail(stopped('alerts', 'to read positions', error));
        throw error;
      }),
    onAssigned: () => writer.dropAll(),
    onRevoked: () => writer.dropAll(),
    onFatal: fail,
    sessionTimeoutMs: config.ALERTS_SESSION_TIMEOUT_MS,
    partitionsConcurrently: PARTITIONS_CONCURRENTLY,
  });

  const node = config.NODE_ID ?? defaultNodeId();
  const epoch = await fromPostgres(() => takeEpoch(pool, clusterId, node));
  const log = createLogWriter(kafka, { logger, registry });
  const leases = new LeaseBeat({ writer: log, node, epoch, partitions, metrics });
  const upkeep = startUpkeep({ pool, clusterId, attemptRetentionDays: config.ATTEMPT_RETENTION_DAYS, logger, metrics });
  const judge = new ConditionJudge({
    pool,
    policies: () => policies.book,
    logger,
    metrics,
    conditions: createConditionMetrics(registry, pool),
    onFatal: fail,
  });
  judge.start();
  leases.start();
  await consumer.start();
  logger.info({ event: 'alerts.presence.watching', node, epoch, partitions }, 'Presence is watched');

  return {
    ready: () => (consumer.ready ? [] : ['no partitions are assigned yet']),
    close: async () => {
      leases.stop();
      const settled = Promise.all([upkeep.stop(), judge.stop(), policies.stop()]);
      // Whatever is waited for elsewhere: until it has left, nobody has its partitions.
      await consumer.stop({ timeoutMs: BATCH_PATIENCE_MS });
      await log.close({ timeoutMs: 2_000 });
      await within(settled, STATEMENTS_PATIENCE_MS);
      await within(Promise.all([kafka.close(), pool.end()]), CLIENTS_PATIENCE_MS);
    },
  };
}
