import { sql } from '@milepost/database';
import type { Pool } from 'pg';

const forgetIdle = sql('conditions/forget-idle');

/** Vehicles a statement, so that none holds locks for long. */
const VEHICLES = 5_000;

export interface ForgetIdleOptions {
  /** A statement. */
  vehicles?: number;
  /** Ends it between two statements. */
  stopping?: AbortSignal;
}

/**
 * Forgets what is known of the conditions of vehicles of which nothing was judged for so many days and that have no alert open, but for their
 * certificates, which end all the same; answers of how many.
 */
export async function forgetIdleConditions(
  pool: Pool,
  days: number,
  { vehicles = VEHICLES, stopping }: ForgetIdleOptions = {},
): Promise<number> {
  let forgotten = 0;
  for (let behind = -1; ; ) {
    const { rows } = await pool.query<{ last: number | null; forgotten: number }>({ ...forgetIdle, values: [days, behind, vehicles] });
    const row = rows[0];
    forgotten += row?.forgotten ?? 0;
    if (row === undefined || row.last === null || stopping?.aborted) return forgotten;
    behind = row.last;
  }
}
