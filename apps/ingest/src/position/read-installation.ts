import { AppStopped, recordedPartitions, refreshFeedEpoch } from '@milepost/database';
import type { Pool } from 'pg';

export interface Installation {
  feedEpoch: number;
  /** Of the topics that were asked for: what Kafka's must equal. */
  partitions: ReadonlyMap<string, number>;
}

/** What the database says of the installation. @throws AppStopped when the topics' partition counts were never recorded. */
export async function readInstallation(pool: Pool, topics: readonly string[]): Promise<Installation> {
  const recorded = await recordedPartitions(pool);
  const partitions = new Map<string, number>();
  for (const topic of topics) {
    const count = recorded.get(topic);
    if (count === undefined) {
      throw new AppStopped('topics_unknown', `The database records no partition count for ${topic}: run "npx milepost migrate" first.`);
    }
    partitions.set(topic, count);
  }
  return { feedEpoch: await refreshFeedEpoch(pool), partitions };
}
