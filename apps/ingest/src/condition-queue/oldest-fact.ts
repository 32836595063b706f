import { sql } from '@milepost/database';
import type { Pool } from 'pg';

const oldestConditionFact = sql('ingest/oldest-condition-fact');

/** For how many seconds the oldest fact has waited for an alerts process; 0 where none waits. */
export async function oldestFactSeconds(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ seconds: number | null }>(oldestConditionFact);
  return rows[0]?.seconds ?? 0;
}
