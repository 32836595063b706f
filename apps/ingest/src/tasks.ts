import { type BatchConsumer, type KafkaConnection, type LogWriter, logRange } from '@milepost/kafka';
import type { Logger } from '@milepost/runtime';
import { oldestFactSeconds } from './condition-queue/oldest-fact.js';
import type { IngestConfig } from './config.js';
import { relayDeadLetters } from './dead-letters/relay.js';
import type { FreshPositions } from './fresh-positions/fresh-positions.js';
import type { FencedOrganisations } from './geofences/fenced-organisations.js';
import type { IngestMetrics } from './metrics.js';
import { upkeep } from './partitions/upkeep.js';
import type { Pools } from './pools.js';
import { completeIdlePartitions } from './position/completeness.js';
import { every, type PeriodicTask } from './store/every.js';

const lookIntervalMs = 2_000;
const freshIntervalMs = 500;
const relayIntervalMs = 1_000;
/** A new geofence is minded after so long. */
const fenceIntervalMs = 1_000;
const queueLookIntervalMs = 15_000;
const upkeepIntervalMs = 3_600_000;

export interface TasksOptions extends Pools {
  config: IngestConfig;
  clusterId: string;
  kafka: KafkaConnection;
  consumer: Pick<BatchConsumer, 'assigned'>;
  writer: LogWriter;
  fresh: FreshPositions;
  fenced: FencedOrganisations;
  logger: Logger;
  metrics: IngestMetrics;
}

/** What ingest does beside its batches, again and again. */
export function startTasks({
  config,
  pool,
  owner,
  clusterId,
  kafka,
  consumer,
  writer,
  fresh,
  fenced,
  logger,
  metrics,
}: TasksOptions): PeriodicTask {
  const rangesOf = (topic: string) => logRange(kafka, topic);
  const assigned = () => consumer.assigned();
  const tasks = [
    every(lookIntervalMs, 'completeness-look', logger, () => completeIdlePartitions({ pool, clusterId, assigned, rangesOf })),
    every(freshIntervalMs, 'fresh-positions', logger, () => fresh.look()),
    every(fenceIntervalMs, 'geofence-look', logger, () => fenced.look()),
    every(queueLookIntervalMs, 'condition-queue-look', logger, async () => metrics.oldestFactSeconds.set(await oldestFactSeconds(pool))),
    every(relayIntervalMs, 'dead-letter-relay', logger, () => relayDeadLetters({ pool, writer, logger, metrics })),
    every(upkeepIntervalMs, 'partition-upkeep', logger, () =>
      upkeep({
        pool,
        owner,
        retentionDays: config.RETENTION_DAYS,
        deadLetterDays: config.DEAD_LETTER_DAYS,
        conditionFactDays: config.CONDITION_FACT_DAYS,
        logger,
        metrics,
      }),
    ),
  ];
  return {
    stop: async () => {
      await Promise.all(tasks.map((task) => task.stop()));
    },
  };
}
