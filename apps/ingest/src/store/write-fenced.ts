import type { BoundStatement } from '@milepost/database';
import type { Pool } from 'pg';
import { runStatements } from './run-statements.js';

/** What one transaction writes, in this order: what may be told of comes before the history, for it passes over what that has already. */
export interface FencedRows {
  conditions: readonly BoundStatement[];
  /** The first of them inserts into the history. */
  rows: readonly BoundStatement[];
  deadLetters: readonly BoundStatement[];
}

/** How many rows of the history were new. Undefined when the fence did not hold: then nothing was written. */
export async function writeFenced(
  pool: Pick<Pool, 'connect'>,
  fence: BoundStatement,
  { conditions, rows, deadLetters }: FencedRows,
): Promise<number | undefined> {
  try {
    const counts = await runStatements(pool, [fence, ...conditions, ...rows, ...deadLetters]);
    return counts[1 + conditions.length] ?? 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === fenceLost) return undefined;
    throw error;
  }
}

/** SQLSTATE of `require_moved`. */
const fenceLost = 'MP001';
