import { topics } from '@milepost/contracts';
import { type Statement, sql } from '@milepost/database';
import type { Logger } from '@milepost/runtime';
import type { Pool } from 'pg';
import { forgetIdleConditions } from '../conditions/forget-idle.js';
import type { AlertsMetrics } from '../metrics.js';

const deleteOldAttempts = sql('alerts/delete-old-attempts');
const deleteOldHistory = sql('alerts/delete-old-presence-history');
const deleteOldLosses = sql('alerts/delete-old-losses');
const deleteOldBatches = sql('alerts/delete-old-presence-batches');
const deleteOldSnapshots = sql('alerts/delete-old-snapshots');
const deleteOldMutes = sql('alerts/delete-old-mutes');
const trimPolicyChanges = sql('alerts/trim-policy-changes');
const deleteOldClosed = sql('alerts/delete-old-closed-connections');

/** What `explain` may be asked about. */
const PRESENCE_RETENTION_DAYS = 35;
/** A backtest of 35 days begins with a snapshot that may be a day older. */
const BATCH_RETENTION_DAYS = 36;
/** The 30 days before the oldest moment that a backtest may ask about. */
const LOSS_RETENTION_DAYS = 67;
/** A backtest asks what was muted. */
const MUTE_RETENTION_DAYS = 36;
/** Later than anything of a vehicle is still stored, as a rule: what was known of it says nothing any more. */
const CONDITION_STATE_DAYS = 35;
/** Behind the batches and snapshots of a backtest by a day: a process that read no policies for a while judged by older ones. */
const POLICY_RETENTION_DAYS = 37;
const UPKEEP_EVERY_MS = 600_000;
/** Rows a statement, so that none holds locks for long. */
const ROWS = 5_000;
/** Each has thousands of vehicles in its pieces. */
const SNAPSHOTS = 10;

export interface UpkeepOptions {
  pool: Pool;
  clusterId: string;
  attemptRetentionDays: number;
  logger: Logger;
  metrics: Pick<AlertsMetrics, 'conditionsForgotten'>;
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

async function forget({ pool, clusterId, attemptRetentionDays, metrics }: UpkeepOptions): Promise<void> {
  await inPieces(pool, deleteOldAttempts, [attemptRetentionDays, ROWS]);
  await inPieces(pool, deleteOldHistory, [PRESENCE_RETENTION_DAYS, ROWS]);
  await inPieces(pool, deleteOldBatches, [BATCH_RETENTION_DAYS, ROWS]);
  await inPieces(pool, deleteOldSnapshots, [BATCH_RETENTION_DAYS, SNAPSHOTS]);
  await inPieces(pool, deleteOldLosses, [LOSS_RETENTION_DAYS, ROWS]);
  await inPieces(pool, deleteOldMutes, [MUTE_RETENTION_DAYS, ROWS]);
  await trimPolicies(pool);
  await inPieces(pool, deleteOldClosed, [clusterId, topics.presence, ROWS]);
  metrics.conditionsForgotten.inc(await forgetIdleConditions(pool, CONDITION_STATE_DAYS));
}

/** Of each target what held before the history of presence begins is kept, and everything since. */
export async function trimPolicies(pool: Pool): Promise<void> {
  await inPieces(pool, trimPolicyChanges, [POLICY_RETENTION_DAYS, ROWS]);
}

/** @param values the last is how many rows one statement may delete. */
async function inPieces(pool: Pool, statement: Statement, values: [...unknown[], number]): Promise<void> {
  const rows = values.at(-1) as number;
  for (;;) {
    const { rowCount } = await pool.query({ ...statement, values });
    if ((rowCount ?? 0) < rows) return;
  }
}
