import { bound, sql, withTransaction } from '@milepost/database';
import type { Pool } from 'pg';
import type { PreparedBatch } from '../batch/prepared-batch.js';

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
      for (const { statement, values } of batch.rows.conditions()) await client.query(bound(statement, values));
      const [history, ...derived] = batch.rows.statements({ partition: batch.partition, feedEpoch });
      let stored = 0;
      if (history && batch.rows.count > 0) {
        const { rowCount } = await client.query(bound(history.statement, history.values));
        stored = rowCount ?? 0;
      }
      for (const { statement, values } of [...derived, ...batch.deadLetters.statements()]) {
        if (!isEmpty(values)) await client.query(bound(statement, values));
      }
      if (fence.isStale()) throw new RolledBack({ kind: 'stale' });
      return { kind: 'written', stored };
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.outcome;
    throw error;
  }
}

/** Of a statement over parallel arrays. */
function isEmpty([first]: readonly unknown[]): boolean {
  return Array.isArray(first) && first.length === 0;
}
