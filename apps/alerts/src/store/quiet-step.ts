import { sql } from '@milepost/database';
import type { PartitionClock, RecordedBatch } from '@milepost/presence';
import type { Pool } from 'pg';
import { batchColumns } from './batch-history.js';
import type { PositionFence } from './positions.js';

const saveStep = sql('alerts/store/save-quiet-step');

export interface QuietStep {
  fence: PositionFence;
  nextOffset: bigint;
  clock: PartitionClock;
  batch: RecordedBatch;
  previousId: number | undefined;
  /** How long ago the log ended at the new position; undefined where it went on. */
  endedMs: number | undefined;
}

/**
 * Advances a partition's position and clock, and keeps the batch, where nothing else is to be written: one statement, which is its own transaction.
 * Each process that writes leases makes every partition take a step each 2 s, whether or not vehicles come and go.
 * @returns the number of the batch's row, or undefined when the position stands elsewhere: then nothing has changed.
 */
export async function saveQuietStep(
  pool: Pool,
  { fence, nextOffset, clock, batch, previousId, endedMs }: QuietStep,
): Promise<number | undefined> {
  const { clusterId, topic, partition, expected } = fence;
  const { policyVersion, logTimeMs, clockMs, format, content } = await batchColumns(batch, previousId);
  const position = [clusterId, topic, partition, expected, nextOffset, clockMs, JSON.stringify(clock)];
  const { rows } = await pool.query<{ id: number }>({
    ...saveStep,
    values: [...position, policyVersion, logTimeMs, format, content, endedMs ?? null],
  });
  return rows[0]?.id;
}
