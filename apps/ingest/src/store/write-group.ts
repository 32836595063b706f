import { sql } from '@milepost/database';
import { mergedStatements } from '../batch/merged-statements.js';
import type { PreparedBatch } from '../batch/prepared-batch.js';
import type { Fence, WriteContext } from './write-batch.js';
import { writeFenced } from './write-fenced.js';

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

/** Batches of different partitions of one topic in one transaction: each behind its own fence, all of it or nothing. */
export async function writeGroup(members: readonly FencedBatch[], { pool, clusterId, feedEpoch }: WriteContext): Promise<GroupOutcome> {
  if (members.some(({ fence }) => fence.isStale())) return { kind: 'not-written' };
  const batches = members.map(({ batch }) => batch);
  const stored = await writeFenced(
    pool,
    {
      statement: advanceOffsets,
      values: [
        clusterId,
        batches[0]?.topic,
        batches.map(({ partition }) => partition),
        members.map(({ fence }) => fence.position),
        batches.map(({ nextOffset }) => nextOffset),
        batches.map(({ lastTimestampMs }) => lastTimestampMs),
      ],
    },
    {
      conditions: [],
      rows: mergedStatements(batches.map(({ rows, partition }) => rows.statements({ partition, feedEpoch }))),
      deadLetters: [],
    },
  );
  return stored === undefined ? { kind: 'not-written' } : { kind: 'written', stored };
}
