import { topics } from '@milepost/contracts';
import { type KafkaConnection, TopicsError, verifyTopics } from '@milepost/kafka';
import { backoffMs, type Logger, sleep } from '@milepost/runtime';
import type { PresenceWatch } from './presence-watch.js';

export interface HistoryOptions {
  kafka: KafkaConnection;
  watch: PresenceWatch;
  partitions: number;
  logger: Logger;
}

const WRITTEN = [
  topics.location,
  topics.diagnostics,
  topics.status,
  topics.presence,
  topics.mqttSessions,
  topics.mqttMessages,
  topics.mqttRetained,
];
const RETRY = { baseMs: 250, maxMs: 5_000 };

/**
 * What this node must know of Kafka before it is sure of itself: that the topics are those of the installation, and what became of the
 * node before. Waits for Kafka as long as it takes. @throws TopicsError
 */
export async function readHistory({ kafka, watch, partitions, logger }: HistoryOptions): Promise<true> {
  const expected = new Map(WRITTEN.map((topic) => [topic as string, partitions]));
  for (let attempt = 0; !watch.stopped.aborted && !(await verified(kafka, expected, logger)); attempt++) {
    await sleep(backoffMs(attempt, RETRY), watch.stopped);
  }
  await watch.start();
  return true;
}

async function verified(kafka: KafkaConnection, expected: ReadonlyMap<string, number>, logger: Logger): Promise<boolean> {
  try {
    await verifyTopics(kafka, expected);
    return true;
  } catch (err) {
    if (err instanceof TopicsError) throw err;
    logger.warn({ event: 'broker.kafka.unreachable', err }, 'Kafka cannot be asked for its topics yet');
    return false;
  }
}
