import { advisoryLocks, sql, withTransaction } from '@milepost/database';
import type { Pool } from 'pg';

export interface Dispatched {
  events: number;
  deliveries: number;
  /** Age of the batch's oldest event; null when there was none. */
  oldestAgeSeconds: number | null;
}

const dispatchBatch = sql('webhooks/dispatch-events');
export const dispatchBatchSize = 500;

/**
 * Makes deliveries of the next events of the outbox, in order; each is due after the first wait of the schedule. Nothing when another process is at it.
 */
export async function dispatchEvents(pool: Pool, firstWaitMs: number): Promise<Dispatched> {
  return withTransaction(pool, async (client) => {
    const { rows: locked } = await client.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
      advisoryLocks.dispatch,
    ]);
    if (locked[0]?.mine !== true) return { events: 0, deliveries: 0, oldestAgeSeconds: null };
    const { rows } = await client.query<Dispatched>({ ...dispatchBatch, values: [dispatchBatchSize, firstWaitMs] });
    return rows[0] ?? { events: 0, deliveries: 0, oldestAgeSeconds: null };
  });
}
