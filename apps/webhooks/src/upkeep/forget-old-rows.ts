import { advisoryLocks, sql, withTransaction } from '@milepost/database';
import { type Logger, sleep } from '@milepost/runtime';
import type { Pool } from 'pg';
import type { WebhookMetrics } from '../metrics.js';

export interface UpkeepOptions {
  pool: Pool;
  retentionDays: number;
  logger: Logger;
  metrics: WebhookMetrics;
}

/** In this order: an event is needed by its deliveries, an endpoint too. */
const steps = [
  { kind: 'deliveries', statement: sql('webhooks/delete-old-deliveries') },
  { kind: 'events', statement: sql('webhooks/delete-old-events') },
  { kind: 'endpoints', statement: sql('webhooks/delete-old-endpoints') },
] as const;
const stepRows = 1_000;
/** Between two steps, so that deleting never holds up delivering. */
const restMs = 50;

interface Forgotten {
  deleted: number;
  undelivered?: number;
}

/** Deletes what is older than the retention, in small steps, until nothing is or the signal is aborted. */
export async function forgetOldRows({ pool, retentionDays, logger, metrics }: UpkeepOptions, signal: AbortSignal): Promise<void> {
  for (const { kind, statement } of steps) {
    for (let more = true; more && !signal.aborted; ) {
      const { deleted, undelivered = 0 } = await withTransaction(pool, async (client) => {
        const { rows: locked } = await client.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
          advisoryLocks.webhookUpkeep,
        ]);
        if (locked[0]?.mine !== true) return { deleted: 0 };
        const { rows } = await client.query<Forgotten>({ ...statement, values: [retentionDays, stepRows] });
        return rows[0] ?? { deleted: 0 };
      });
      metrics.forgotten.inc({ kind }, deleted);
      if (undelivered > 0) {
        metrics.forgotten.inc({ kind: 'undelivered' }, undelivered);
        logger.warn(
          { event: 'webhook.expired', undelivered, retentionDays },
          'Deliveries that waited too long for their endpoint are given up',
        );
      }
      more = deleted === stepRows;
      if (more) await sleep(restMs, signal);
    }
  }
}
