import { sql } from '@milepost/database';
import type { Pool } from 'pg';
import type { WebhookMetrics } from '../metrics.js';

const measure = sql('webhooks/measure');
const gauges = ['pending', 'failed', 'waiting', 'lagSeconds', 'openBreakers', 'undispatched', 'relayLagSeconds'] as const;

/** Sets the gauges of what waits in Postgres. Every process says the same: take the maximum, not the sum. */
export async function measureBacklog(pool: Pool, metrics: WebhookMetrics): Promise<void> {
  const { rows } = await pool.query<Record<(typeof gauges)[number], number>>(measure);
  const [backlog] = rows;
  for (const name of gauges) metrics[name].set(backlog?.[name] ?? 0);
}
