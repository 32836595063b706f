import { advisoryLocks, sql } from '@milepost/database';
import type { Pool } from 'pg';
import { withAdvisoryLock } from '../store/with-advisory-lock.js';

const pruneDeadLetters = sql('ingest/prune-dead-letters');

/**
 * Deletes dead letters that were relayed and are older; answers how many, undefined when another process is at it.
 * As the owner: the apps' role cannot delete.
 */
export async function pruneOldDeadLetters(owner: Pool, days: number): Promise<number | undefined> {
  return withAdvisoryLock(owner, advisoryLocks.partitionRetention, async (client) => {
    const { rowCount } = await client.query({ ...pruneDeadLetters, values: [days] });
    return rowCount ?? 0;
  });
}
