import { topics } from '@milepost/contracts';
import { createPool, Registry, recordedPartitions, refreshFeedEpoch } from '@milepost/database';
import { connectKafka, createBatchConsumer, createLogWriter, logRange, verifyTopics } from '@milepost/kafka';
import type { AppContext, RunningApp } from '@milepost/runtime';
import type { Pool } from 'pg';
import type { IngestConfig } from './config.js';
import { pruneOldDeadLetters } from './dead-letters/prune.js';
import { relayDeadLetters } from './dead-letters/relay.js';
import { loadFieldMappings } from './messages/load-field-mappings.js';
import { createIngestMetrics } from './metrics.js';
import { ensureDaysAround } from './partitions/daily-partitions.js';
import { retirePartitions } from './partitions/retention.js';
import { completeIdlePartitions } from './position/completeness.js';
import { Positions } from './position/positions.js';
import { createBatchHandler } from './store/batch-handler.js';
import { BatchStore } from './store/batch-store.js';
import { every } from './store/every.js';
import { IngestStopped } from './store/ingest-stopped.js';
import { retrying } from './store/retrying.js';

export const consumerGroup = 'milepost-ingest';
const sources = [topics.location, topics.diagnostics, topics.status];
const statementTimeoutMs = 20_000;
const maintenanceTimeoutMs = 600_000;
const lookIntervalMs = 2_000;
const relayIntervalMs = 1_000;
const upkeepIntervalMs = 3_600_000;

export async function startIngest({ config, logger, registry, fail }: AppContext<IngestConfig>): Promise<RunningApp> {
  const mappings = loadFieldMappings(config.FIELD_MAPPINGS_FILE);
  const metrics = createIngestMetrics(registry);
  const pool = createPool({ url: config.DATABASE_URL, app: 'ingest', size: config.DATABASE_POOL_SIZE, logger, statementTimeoutMs });
  const owner = ownerPool();
  const kafka = connectKafka(config, { clientId: 'milepost-ingest', logger });
  const stopping = new AbortController();
  const patience = {
    isOver: () => stopping.signal.aborted,
    onRetry: (err: unknown) => logger.warn({ event: 'ingest.database.unreachable', err }, 'Postgres does not answer; trying again'),
  };

  const clusterId = await kafka.clusterId();
  const positions = new Positions({ pool, clusterId, logger, metrics });
  const prepared = await retrying(prepareDatabase, patience);
  if (prepared.kind === 'over') throw new Error('Stopped before Postgres answered');
  const { feedEpoch, partitions } = prepared.value;
  await verifyTopics(kafka, partitions);

  const writer = createLogWriter(kafka, { logger, registry });
  const store = new BatchStore({
    pool,
    clusterId,
    feedEpoch,
    logger,
    metrics,
    rules: {
      clock: { aheadLimitMs: config.CLOCK_AHEAD_LIMIT_MS, retentionDays: config.RETENTION_DAYS },
      mappings,
      maxRows: config.INGEST_BATCH_ROWS,
      maxBytes: config.INGEST_BATCH_BYTES,
    },
  });
  const vehicles = new Registry({ pool, policy: config.REGISTRY_POLICY });
  const consumer = createBatchConsumer(kafka, {
    groupId: consumerGroup,
    topics: sources,
    logger,
    sessionTimeoutMs: config.INGEST_SESSION_TIMEOUT_MS,
    partitionsConcurrently: config.INGEST_PARTITIONS_CONCURRENTLY,
    maxBatchRecords: config.INGEST_BATCH_ROWS,
    onBatch: createBatchHandler({
      registry: vehicles,
      operatorOrganisation: config.OPERATOR_ORGANISATION,
      positions,
      store,
      logger,
      metrics,
    }),
    positionOf: async (topic, partition, range) => {
      const read = await retrying(() => positions.read(topic, partition, range), patience);
      if (read.kind === 'over') throw new Error('Stopped before Postgres answered');
      return read.value;
    },
    // The lag of partitions that went elsewhere is no longer known here.
    onRevoked: () => metrics.lag.reset(),
    onFatal: fail,
  });
  await consumer.start();

  const assigned = () => consumer.assigned();
  const tasks = [
    every(lookIntervalMs, 'completeness look', logger, () =>
      completeIdlePartitions({ pool, clusterId, assigned, rangesOf: (topic) => logRange(kafka, topic) }),
    ),
    every(relayIntervalMs, 'dead-letter relay', logger, () => relayDeadLetters({ pool, writer, logger, metrics })),
    every(upkeepIntervalMs, 'partition upkeep', logger, upkeep),
  ];

  return {
    ready: () => (consumer.ready ? [] : ['no partitions are assigned yet, or Postgres has not said where they go on']),
    close: async () => {
      stopping.abort();
      await consumer.stop();
      await Promise.all(tasks.map((task) => task.stop()));
      await writer.close({ timeoutMs: 2_000 });
      await kafka.close();
      await Promise.all([pool.end(), owner?.end()]);
    },
  };

  async function prepareDatabase() {
    await positions.refuseForeignCluster();
    const recorded = await recordedPartitions(pool);
    const needed = [...sources, topics.deadLetter];
    const unknown = needed.filter((topic) => !recorded.has(topic));
    if (unknown.length > 0) {
      throw new IngestStopped(
        'topics_unknown',
        `The database records no partition counts for ${unknown.join(', ')}: run "npx milepost migrate" first.`,
      );
    }
    return { feedEpoch: await refreshFeedEpoch(pool), partitions: new Map(needed.map((topic) => [topic, recorded.get(topic) ?? 0])) };
  }

  function ownerPool(): Pool | undefined {
    const url = config.DATABASE_MAINTENANCE_URL;
    if (url === undefined) {
      logger.warn(
        { event: 'ingest.retention.off' },
        'DATABASE_MAINTENANCE_URL is not set: days past retention are not dropped by this process',
      );
      return undefined;
    }
    return createPool({ url, app: 'ingest-upkeep', size: 1, logger, statementTimeoutMs: maintenanceTimeoutMs });
  }

  async function upkeep(): Promise<void> {
    const made = await ensureDaysAround(pool, Date.now());
    if (made > 0) logger.info({ event: 'ingest.partitions.made-ahead', made }, 'Partitions of the coming days were made');
    if (!owner) return;
    await retirePartitions({ owner, retentionDays: config.RETENTION_DAYS, logger, metrics }, Date.now());
    const pruned = await pruneOldDeadLetters(owner, config.DEAD_LETTER_DAYS);
    if (pruned > 0) logger.info({ event: 'ingest.dead-letters.pruned', pruned }, 'Old dead letters were deleted');
  }
}
