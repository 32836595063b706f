import { sql } from '@milepost/database';
import type { Pool } from 'pg';

const pruneDeadLetters = sql('ingest/prune-dead-letters');

/** Deletes dead letters that were relayed and are older; answers how many. As the owner: the apps' role cannot delete. */
export async function pruneOldDeadLetters(owner: Pool, days: number): Promise<number> {
  const { rowCount } = await owner.query({ ...pruneDeadLetters, values: [days] });
  return rowCount ?? 0;
}
