import type { Pool, PoolClient } from 'pg';
import { asksForReconnect } from './errors.js';

/** Runs `work` in one transaction. A connection that failed, or whose transaction could not be ended cleanly, is thrown away, not given back. */
export async function withTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // An error of the connection itself comes as an event; without a listener it would end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    if (error instanceof Error && (asksForReconnect(error) || asksForReconnect(error.cause))) broken ??= error;
    await client.query('rollback').catch((rollbackError: Error) => {
      broken ??= rollbackError;
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/**
 * Runs `work` in a transaction that sees one organisation's rows only (row-level security).
 * The setting ends with the transaction: a pooled connection carries nothing over.
 */
export async function withOrganisation<T>(pool: Pool, organisationId: number, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return withTransaction(pool, async (client) => {
    await client.query({
      name: 'set-organisation',
      text: `select set_config('milepost.organisation_id', $1, true)`,
      values: [String(organisationId)],
    });
    return work(client);
  });
}
