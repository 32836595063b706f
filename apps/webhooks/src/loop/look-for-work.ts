import { sql } from '@milepost/database';
import type { Pool } from 'pg';

export interface Work {
  toDispatch: boolean;
  toRelay: boolean;
  toDeliver: boolean;
}

const look = sql('webhooks/look-for-work');

/** What waits, by one statement that costs next to nothing when nothing does: the loops that take locks are woken by it. */
export async function lookForWork(pool: Pool): Promise<Work> {
  const { rows } = await pool.query<Work>(look);
  return rows[0] ?? { toDispatch: false, toRelay: false, toDeliver: false };
}
