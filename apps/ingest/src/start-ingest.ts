import { topics } from '@milepost/contracts';
import { isTemporary, Registry, stopped } from '@milepost/database';
import { connectKafka, createBatchConsumer, createLogTail, createLogWriter, TopicsError, verifyTopics } from '@milepost/kafka';
import { type AppContext, onceAnswered, type RunningApp, within } from '@milepost/runtime';
import { identifySenders } from './batch/sender.js';
import { type IngestConfig, requireFetchPace } from './config.js';
import { FreshPositions } from './fresh-positions/fresh-positions.js';
import { Lateness } from './fresh-positions/lateness.js';
import { FencedOrganisations } from './geofences/fenced-organisations.js';
import { loadFieldMappings } from './messages/load-field-mappings.js';
import { createIngestMetrics } from './metrics.js';
import { createPools } from './pools.js';
import { ingestPositions, refuseForeignCluster } from './position/positions.js';
import { readInstallation } from './position/read-installation.js';
import { createBatchHandler } from './store/batch-handler.js';
import { BatchStore } from './store/batch-store.js';
import { runStatements } from './store/run-statements.js';
import { startTasks } from './tasks.js';

export const consumerGroup = 'milepost-ingest';
const sources = [topics.location, topics.diagnostics, topics.status];
/** How long a close waits for batches that are under way: where Kafka does not answer, what comes behind takes up to 10 s, of 15 in all. */
const batchPatienceMs = 5_000;
/** And for a look at Kafka. */
const taskPatienceMs = 2_000;
/** And for clients of a Kafka that does not answer, or of a Postgres that waits for somebody's lock: whoever stops does not. */
const clientsPatienceMs = 1_000;

export async function startIngest({ config, logger, registry, fail, stopping }: AppContext<IngestConfig>): Promise<RunningApp> {
  requireFetchPace(config);
  const mappings = loadFieldMappings(config.FIELD_MAPPINGS_FILE);
  const metrics = createIngestMetrics(registry);
  const { pool, owner } = createPools(config, logger);
  const kafka = connectKafka(config, { clientId: 'milepost-ingest', logger });
  // An app that starts before its services waits for them: a restart would change nothing.
  const fromPostgres = <T>(ask: () => Promise<T>): Promise<T> =>
    onceAnswered(ask, { whom: 'Postgres', isTemporary, signal: stopping, logger });
  const fromKafka = <T>(ask: () => Promise<T>): Promise<T> =>
    onceAnswered(ask, { whom: 'Kafka', isTemporary: (error) => !(error instanceof TopicsError), signal: stopping, logger });

  const clusterId = await fromKafka(() => kafka.clusterId());
  const positions = ingestPositions({ pool, clusterId, logger, metrics });
  const { feedEpoch, partitions } = await fromPostgres(async () => {
    await refuseForeignCluster(positions);
    return readInstallation(pool, [...sources, topics.deadLetter]);
  });
  await fromKafka(() => verifyTopics(kafka, partitions));

  const fenced = new FencedOrganisations(pool, metrics);
  await fromPostgres(() => fenced.look());
  const writer = createLogWriter(kafka, { logger, registry, partitions: partitions.get(topics.deadLetter) });
  const rules = {
    clock: { aheadLimitMs: config.CLOCK_AHEAD_LIMIT_MS, retentionDays: config.RETENTION_DAYS },
    mappings,
    maxRows: config.INGEST_BATCH_ROWS,
    maxBytes: config.INGEST_BATCH_BYTES,
  };
  const store = new BatchStore({
    pool,
    clusterId,
    feedEpoch,
    logger,
    metrics,
    concurrency: config.INGEST_PARTITIONS_CONCURRENTLY,
    rules: { ...rules, fencedOrganisations: () => fenced.ids },
  });
  const lateness = new Lateness();
  const known = new Registry({ pool, policy: 'refuse' });
  const fresh = new FreshPositions({
    lateness,
    openTail: (from, onRecord, onFatal) => createLogTail(kafka, { topic: topics.location, from, logger, onRecord, onFatal }),
    identify: (records) => identifySenders(records, known, config.OPERATOR_ORGANISATION),
    write: (statements) => runStatements(pool, statements),
    rules,
    metrics,
    logger,
  });
  const vehicles = new Registry({ pool, policy: config.REGISTRY_POLICY });
  const consumer = createBatchConsumer(kafka, {
    groupId: consumerGroup,
    topics: sources,
    logger,
    sessionTimeoutMs: config.INGEST_SESSION_TIMEOUT_MS,
    // Small batches of all partitions share a transaction; how much runs at once is the store's to say.
    partitionsConcurrently: sources.reduce((sum, topic) => sum + (partitions.get(topic) ?? 0), 0),
    fetchPace: { leastMs: config.INGEST_FETCH_PACE_MS, mostMs: config.INGEST_FETCH_PACE_MAX_MS },
    readAhead: true,
    maxBatchRecords: config.INGEST_BATCH_ROWS,
    onBatch: createBatchHandler({
      registry: vehicles,
      operatorOrganisation: config.OPERATOR_ORGANISATION,
      positions,
      store,
      lateness,
      logger,
      metrics,
    }),
    positionOf: (topic, partition, range) =>
      fromPostgres(() => positions.read(topic, partition, range)).catch((error: unknown) => {
        if (!stopping.aborted) fail(stopped('ingest', 'to read positions', error));
        throw error;
      }),
    // The lag of partitions that went elsewhere is no longer known here.
    onRevoked: () => {
      metrics.lag.reset();
      lateness.reset();
    },
    onFatal: fail,
  });
  await consumer.start();
  const tasks = startTasks({ config, pool, owner, clusterId, kafka, consumer, writer, fresh, fenced, logger, metrics });

  return {
    ready: () => (consumer.ready ? [] : ['no partitions are assigned yet, or Postgres has not said where they go on']),
    close: async () => {
      await consumer.stop({ timeoutMs: batchPatienceMs });
      // The relay may be waiting for Kafka: closing the writer lets it go.
      await writer.close({ timeoutMs: 2_000 });
      // No turn begins any more; one that is waiting for the log's end is let go by its close.
      await within(Promise.all([tasks.stop(), fresh.close()]), taskPatienceMs);
      await within(Promise.all([kafka.close(), pool.end(), owner?.end()]), clientsPatienceMs);
    },
  };
}
