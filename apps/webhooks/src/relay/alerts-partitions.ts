import { topics } from '@milepost/contracts';
import { recordedPartitions } from '@milepost/database';
import { type KafkaConnection, TopicsError, verifyTopics } from '@milepost/kafka';
import { type Logger, onceAnswered } from '@milepost/runtime';
import type { Pool } from 'pg';

export interface Surroundings {
  pool: Pool;
  kafka: KafkaConnection;
  signal: AbortSignal;
  logger: Logger;
}

/**
 * How many partitions `fleet.alerts` was made with: on record in Postgres, else as configured. Waits for Kafka, which must have as many: one that
 * is not there would be asked for without end, and one too few would take an alert's events from their place.
 * @throws TopicsError, WaitEnded, and what Postgres throws.
 */
export async function alertsPartitions({ pool, kafka, signal, logger }: Surroundings): Promise<number> {
  const partitions = (await recordedPartitions(pool)).get(topics.alerts) ?? kafka.config.KAFKA_PARTITIONS;
  const isTemporary = (error: unknown) => !(error instanceof TopicsError);
  await onceAnswered(() => verifyTopics(kafka, new Map([[topics.alerts, partitions]])), { whom: 'Kafka', isTemporary, signal, logger });
  return partitions;
}
