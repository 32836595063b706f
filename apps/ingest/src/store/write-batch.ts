import { sql } from '@milepost/database';
import type { Pool } from 'pg';
import type { PreparedBatch } from '../batch/prepared-batch.js';
import { writeFenced } from './write-fenced.js';

const advanceOffset = sql('ingest/advance-offset');

export interface WriteContext {
  pool: Pool;
  clusterId: string;
  feedEpoch: number;
}

export interface Fence {
  /** Where the partition's stored position must be. */
  position: bigint;
  isStale(): boolean;
}

/**
 * - `written`: all of it, and the position; `stored` rows of the history were new, the others repeats
 * - `fenced`: the stored position is another one: nothing was written, somebody else went on
 * - `stale`: the partition was taken away before anything was sent: nothing was written. Once it is sent, the fence alone decides.
 */
export type WriteOutcome = { kind: 'written'; stored: number } | { kind: 'fenced' } | { kind: 'stale' };

/** One transaction: the fence first, then every row, and the position with them. Whatever happens, all of it or nothing. */
export async function writeBatch(batch: PreparedBatch, fence: Fence, { pool, clusterId, feedEpoch }: WriteContext): Promise<WriteOutcome> {
  if (fence.isStale()) return { kind: 'stale' };
  const { topic, partition, nextOffset, lastTimestampMs } = batch;
  const stored = await writeFenced(
    pool,
    { statement: advanceOffset, values: [clusterId, topic, partition, fence.position, nextOffset, lastTimestampMs] },
    {
      conditions: batch.rows.conditions(),
      rows: batch.rows.statements({ partition, feedEpoch }),
      deadLetters: batch.deadLetters.statements(),
    },
  );
  return stored === undefined ? { kind: 'fenced' } : { kind: 'written', stored };
}
