import { type BoundStatement, sql } from '@milepost/database';
import type { Pool } from 'pg';
import { mergedStatements } from '../batch/merged-statements.js';
import type { PreparedBatch } from '../batch/prepared-batch.js';
import { runStatements } from './run-statements.js';

const advanceOffsets = sql('ingest/advance-offsets');
const waitBriefly = sql('ingest/wait-briefly');
/** SQLSTATE of `require_moved`. */
const fenceLost = 'MP001';

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

export interface FencedBatch {
  batch: PreparedBatch;
  fence: Fence;
}

/**
 * - `written`: all of it, and the positions; `stored` rows of the history were new, the others repeats
 * - `fenced`: a stored position is another one: nothing was written, somebody else went on
 * - `stale`: a partition was taken away before anything was sent: nothing was written. Once it is sent, the fence alone decides.
 */
export type WriteOutcome = { kind: 'written'; stored: number } | { kind: 'fenced' } | { kind: 'stale' };

/**
 * One transaction for batches of different partitions of one topic: the fence of each first, then every row. Whatever happens, all of it or
 * nothing. No vehicle may be in two of them. Several wait for no lock longer than a moment (55P03): what one of them waits for must not hold up the
 * others.
 */
export async function writeBatches(fenced: readonly FencedBatch[], { pool, clusterId, feedEpoch }: WriteContext): Promise<WriteOutcome> {
  if (fenced.some(({ fence }) => fence.isStale())) return { kind: 'stale' };
  const members = fenced.toSorted((a, b) => a.batch.partition - b.batch.partition);
  const batches = members.map(({ batch }) => batch);
  // Before the history: they pass over what it has already.
  const conditions = batches.flatMap(({ rows }) => rows.conditions());
  const rows = mergedStatements(batches.map((batch) => batch.rows.statements({ partition: batch.partition, feedEpoch })));
  const deadLetters = batches.flatMap((batch) => batch.deadLetters.statements());
  const before = [...(members.length > 1 ? [{ statement: waitBriefly, values: [] }] : []), fenceOf(members, clusterId), ...conditions];
  try {
    const counts = await runStatements(pool, [...before, ...rows, ...deadLetters]);
    return { kind: 'written', stored: counts[before.length] ?? 0 };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === fenceLost) return { kind: 'fenced' };
    throw error;
  }
}

function fenceOf(members: readonly FencedBatch[], clusterId: string): BoundStatement {
  const batches = members.map(({ batch }) => batch);
  return {
    statement: advanceOffsets,
    values: [
      clusterId,
      batches[0]?.topic,
      batches.map(({ partition }) => partition),
      members.map(({ fence }) => fence.position),
      batches.map(({ nextOffset }) => nextOffset),
      batches.map(({ lastTimestampMs }) => lastTimestampMs),
    ],
  };
}
