import { topics } from '@milepost/contracts';
import { type Statement, sql } from '@milepost/database';
import type { Logger } from '@milepost/runtime';
import type { Pool } from 'pg';

const deleteOldAttempts = sql('alerts/delete-old-attempts');
const deleteOldHistory = sql('alerts/delete-old-presence-history');
const deleteOldLosses = sql('alerts/delete-old-losses');
const deleteOldMutes = sql('alerts/delete-old-mutes');
const deleteOldClosed = sql('alerts/delete-old-closed-connections');

/** What `explain` may be asked about. */
const PRESENCE_RETENTION_DAYS = 35;
/** Older ones say nothing of a place any more. */
const LOSS_RETENTION_DAYS = 31;
/** A backtest asks what was muted. */
const MUTE_RETENTION_DAYS = 36;
const UPKEEP_EVERY_MS = 600_000;
/** Rows a statement, so that none holds locks for long. */
const ROWS = 5_000;

export interface UpkeepOptions {
  pool: Pool;
  clusterId: string;
  attemptRetentionDays: number;
  logger: Logger;
}

/** Forgets what need not be kept any longer. Any number of processes may do it. */
export function startUpkeep(options: UpkeepOptions): { stop(): void } {
  let running = false;
  const run = async () => {
    if (running) return;
    running = true;
    await forget(options).finally(() => {
      running = false;
    });
  };
  const attempt = () =>
    void run().catch((err: unknown) =>
      options.logger.warn({ event: 'alerts.upkeep.failed', err }, 'Old rows were not deleted; trying again later'),
    );
  attempt();
  const timer = setInterval(attempt, UPKEEP_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}

async function forget({ pool, clusterId, attemptRetentionDays }: UpkeepOptions): Promise<void> {
  await inPieces(pool, deleteOldAttempts, [attemptRetentionDays, ROWS]);
  await inPieces(pool, deleteOldHistory, [PRESENCE_RETENTION_DAYS, ROWS]);
  await inPieces(pool, deleteOldLosses, [LOSS_RETENTION_DAYS, ROWS]);
  await inPieces(pool, deleteOldMutes, [MUTE_RETENTION_DAYS, ROWS]);
  await inPieces(pool, deleteOldClosed, [clusterId, topics.presence, ROWS]);
}

async function inPieces(pool: Pool, statement: Statement, values: unknown[]): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query({ ...statement, values });
    if ((rowCount ?? 0) < ROWS) return;
  }
}
