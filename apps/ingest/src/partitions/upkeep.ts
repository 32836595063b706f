import type { Logger } from '@milepost/runtime';
import type { Pool } from 'pg';
import { pruneOldDeadLetters } from '../dead-letters/prune.js';
import type { IngestMetrics } from '../metrics.js';
import { ensureDaysAround } from './daily-partitions.js';
import { retirePartitions } from './retention.js';

export interface UpkeepOptions {
  pool: Pool;
  /** Absent: the coming days are made, and nothing is dropped. */
  owner: Pool | undefined;
  retentionDays: number;
  deadLetterDays: number;
  logger: Logger;
  metrics: IngestMetrics;
}

/** What time asks for: the coming days made, the ones past retention dropped, old dead letters deleted. */
export async function upkeep({ pool, owner, retentionDays, deadLetterDays, logger, metrics }: UpkeepOptions): Promise<void> {
  const made = await ensureDaysAround(pool, Date.now());
  if (made > 0) logger.info({ event: 'ingest.partitions.made-ahead', made }, 'Partitions of the coming days were made');
  if (owner === undefined) return;
  await retirePartitions({ owner, retentionDays, logger, metrics }, Date.now());
  const pruned = await pruneOldDeadLetters(owner, deadLetterDays);
  if (pruned > 0) logger.info({ event: 'ingest.dead-letters.pruned', pruned }, 'Old dead letters were deleted');
}
