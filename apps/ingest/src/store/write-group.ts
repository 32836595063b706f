import { bound, sql, withTransaction } from '@milepost/database';
import { mergedStatements } from '../batch/merged-statements.js';
import type { PreparedBatch } from '../batch/prepared-batch.js';
import { runStatements } from './run-statements.js';
import type { Fence, WriteContext } from './write-batch.js';

const advanceOffsets = sql('ingest/advance-offsets');

export interface FencedBatch {
  batch: PreparedBatch;
  fence: Fence;
}

/**
 * - `written`: all of it, and every position; `stored` rows of the history were new
 * - `not-written`: a position is another one, its row is held, or a partition was taken away: nothing was written
 */
export type GroupOutcome = { kind: 'written'; stored: number } | { kind: 'not-written' };

class RolledBack extends Error {}

/** Batches of different partitions of one topic in one transaction: each behind its own fence, all of it or nothing. */
export async function writeGroup(members: readonly FencedBatch[], { pool, clusterId, feedEpoch }: WriteContext): Promise<GroupOutcome> {
  const topic = members[0]?.batch.topic;
  try {
    return await withTransaction(pool, async (client) => {
      const { rowCount: advanced } = await client.query(
        bound(advanceOffsets, [
          clusterId,
          topic,
          members.map(({ batch }) => batch.partition),
          members.map(({ fence }) => fence.position),
          members.map(({ batch }) => batch.nextOffset),
          members.map(({ batch }) => batch.lastTimestampMs),
        ]),
      );
      if (advanced !== members.length) throw new RolledBack();
      const statements = members.map(({ batch }) => batch.rows.statements({ partition: batch.partition, feedEpoch }));
      const stored = await runStatements(client, mergedStatements(statements));
      if (members.some(({ fence }) => fence.isStale())) throw new RolledBack();
      return { kind: 'written', stored };
    });
  } catch (error) {
    if (error instanceof RolledBack) return { kind: 'not-written' };
    throw error;
  }
}
