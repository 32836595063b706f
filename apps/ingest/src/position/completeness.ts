import { topics } from '@milepost/contracts';
import { sql } from '@milepost/database';
import type { OffsetRange, TopicPartition } from '@milepost/kafka';
import type { Pool } from 'pg';

const completeIdle = sql('ingest/complete-idle');

/** Silence is judged by these. */
const judgedTopics: readonly string[] = [topics.location, topics.diagnostics];

export interface CompletenessOptions {
  pool: Pool;
  clusterId: string;
  assigned(): readonly TopicPartition[];
  rangesOf(topic: string): Promise<ReadonlyMap<number, OffsetRange>>;
  now?: () => number;
}

/**
 * Moves `complete_until` of partitions to which nothing more has come: where the log ends at the stored position, all that Kafka had
 * when it was asked is stored. The time is taken before asking; a fenced row that has moved on meanwhile is left alone.
 */
export async function completeIdlePartitions({
  pool,
  clusterId,
  assigned,
  rangesOf,
  now = Date.now,
}: CompletenessOptions): Promise<number> {
  const mine = assigned().filter(({ topic }) => judgedTopics.includes(topic));
  if (mine.length === 0) return 0;
  const lookedAtMs = now();
  const looked: { topic: string; partition: number; end: bigint }[] = [];
  for (const topic of judgedTopics) {
    const ofTopic = mine.filter((partition) => partition.topic === topic);
    if (ofTopic.length === 0) continue;
    const ranges = await rangesOf(topic);
    for (const { partition } of ofTopic) {
      const range = ranges.get(partition);
      if (range) looked.push({ topic, partition, end: range.end });
    }
  }
  const { rowCount } = await pool.query({
    ...completeIdle,
    values: [
      clusterId,
      looked.map(({ topic }) => topic),
      looked.map(({ partition }) => partition),
      looked.map(({ end }) => end),
      lookedAtMs,
    ],
  });
  return rowCount ?? 0;
}
