import { sql } from '@milepost/database';
import type { Pool } from 'pg';
import { durationText } from './duration-text.js';

const suspend = sql('webhooks/suspend-endpoints');

/**
 * Suspends endpoints that have failed for this long without one success, while a retry is due. Being shorter than the
 * retry schedule, it lets an outage of a receiver kill no delivery: they wait until the endpoint is enabled again.
 * Answers with the endpoints' ids; the event to the organisation's others is in the outbox by then.
 */
export async function suspendEndpoints(pool: Pool, afterMs: number): Promise<string[]> {
  const reason = `No delivery has succeeded for ${durationText(afterMs)}`;
  const { rows } = await pool.query<{ endpointId: string }>({ ...suspend, values: [afterMs, reason] });
  return rows.map((row) => row.endpointId);
}
