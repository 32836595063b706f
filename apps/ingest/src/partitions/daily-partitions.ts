import { sql } from '@milepost/database';
import type { Pool } from 'pg';
import { dayOf, type PartitionedTable, partitionedTables } from '../batch/topic-rows.js';

const ensurePartitions = sql('ingest/ensure-partitions');

const DAY_MS = 86_400_000;
/** Vehicles whose clock is a little off, and batches from before midnight, find their day made. */
const daysBehind = 1;
const daysAhead = 3;

/** Makes the partitions of these UTC days (since 1970) where they are missing; answers how many. */
export async function ensureDays(pool: Pool, table: PartitionedTable, days: Iterable<number>): Promise<number> {
  const dates = [...days].sort((a, b) => a - b).map(dateOf);
  const { rows } = await pool.query<{ made: number }>({ ...ensurePartitions, values: [dates.map(() => table), dates] });
  return rows[0]?.made ?? 0;
}

/** Makes the partitions around now, of every table; `onMade` hears how many of each were missing. Answers how many in all. */
export async function ensureDaysAround(
  pool: Pool,
  nowMs: number,
  onMade: (table: PartitionedTable, made: number) => void = () => undefined,
): Promise<number> {
  const today = dayOf(nowMs);
  const days = Array.from({ length: daysBehind + 1 + daysAhead }, (_, index) => today - daysBehind + index);
  let total = 0;
  for (const table of partitionedTables) {
    const made = await ensureDays(pool, table, days);
    if (made > 0) onMade(table, made);
    total += made;
  }
  return total;
}

/** `2026-11-23` */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
