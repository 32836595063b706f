import { sql, withTransaction } from '@milepost/database';
import type { Pool } from 'pg';
import type { PreparedBatch } from '../batch/prepared-batch.js';
import { runStatements } from './run-statements.js';

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
 * - `stale`: the partition was taken away meanwhile: nothing was written
 */
export type WriteOutcome = { kind: 'written'; stored: number } | { kind: 'fenced' } | { kind: 'stale' };

class RolledBack extends Error {
  constructor(readonly outcome: Exclude<WriteOutcome, { kind: 'written' }>) {
    super(outcome.kind);
  }
}

/** One transaction: the fence first, then every row, and the position with them. Whatever happens, all of it or nothing. */
export async function writeBatch(batch: PreparedBatch, fence: Fence, { pool, clusterId, feedEpoch }: WriteContext): Promise<WriteOutcome> {
  try {
    return await withTransaction(pool, async (client) => {
      const { rowCount: advanced } = await client.query({
        ...advanceOffset,
        values: [clusterId, batch.topic, batch.partition, fence.position, batch.nextOffset, batch.lastTimestampMs],
      });
      if (advanced !== 1) throw new RolledBack({ kind: 'fenced' });
      await runStatements(client, batch.rows.conditions());
      const stored = await runStatements(client, batch.rows.statements({ partition: batch.partition, feedEpoch }));
      await runStatements(client, batch.deadLetters.statements());
      if (fence.isStale()) throw new RolledBack({ kind: 'stale' });
      return { kind: 'written', stored };
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.outcome;
    throw error;
  }
}
