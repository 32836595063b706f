import { sql } from '@milepost/database';
import type { Pool } from 'pg';
import type { WebhookMetrics } from '../metrics.js';

const goneEndpoints = sql('webhooks/gone-endpoints');

/** Counts the attempts of deleted endpoints no longer: who registers and deletes again and again would add to the metrics as long as the process lives. */
export async function forgetGoneEndpoints(pool: Pool, { attempts }: Pick<WebhookMetrics, 'attempts'>): Promise<void> {
  const { values } = await attempts.get();
  if (values.length === 0) return;
  const shown = [...new Set(values.map(({ labels }) => labels.endpoint))];
  const { rows } = await pool.query<{ id: string }>({ ...goneEndpoints, values: [shown] });
  const gone = new Set<unknown>(rows.map(({ id }) => id));
  for (const { labels } of values) if (gone.has(labels.endpoint)) attempts.remove(labels);
}
