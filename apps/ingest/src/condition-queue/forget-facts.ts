import { sql } from '@milepost/database';
import type { Pool } from 'pg';

const forgetConditionFacts = sql('ingest/forget-condition-facts');

/** Rows a statement, so that none holds locks for long. */
const ROWS = 10_000;

/** Forgets what no alerts process has judged for so many days, the oldest first; answers how much. Several processes may do it at once. */
export async function forgetFacts(pool: Pool, days: number): Promise<number> {
  for (let forgotten = 0; ; ) {
    const { rowCount } = await pool.query({ ...forgetConditionFacts, values: [days, ROWS] });
    forgotten += rowCount ?? 0;
    if ((rowCount ?? 0) < ROWS) return forgotten;
  }
}
