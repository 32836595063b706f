import type { Pool, PoolClient } from 'pg';

/**
 * Runs `work` while this session holds the lock, outside of any transaction; undefined, at once, when another session holds it.
 * A connection that breaks frees the lock: whoever works under it must tolerate a second one for a moment.
 */
export async function withAdvisoryLock<T>(pool: Pool, key: number, work: (client: PoolClient) => Promise<T>): Promise<T | undefined> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [key]).catch((error: Error) => {
      // It may be answered yet, and then the session has a lock that nobody knows of.
      broken ??= error;
      throw error;
    });
    if (rows[0]?.locked !== true) return undefined;
    try {
      return await work(client);
    } finally {
      await client.query('select pg_advisory_unlock($1)', [key]).catch((error: Error) => {
        broken ??= error;
      });
    }
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
