import { topics } from '@milepost/contracts';
import { type Statement, sql } from '@milepost/database';
import { type Logger, sleep } from '@milepost/runtime';
import type { Pool } from 'pg';
import { forgetIdleConditions } from '../conditions/forget-idle.js';
import type { AlertsMetrics } from '../metrics.js';

const deleteOldAttempts = sql('alerts/upkeep/delete-old-attempts');
const deleteOldHistory = sql('alerts/upkeep/delete-old-presence-history');
const deleteOldLosses = sql('alerts/upkeep/delete-old-losses');
const deleteOldBatches = sql('alerts/upkeep/delete-old-presence-batches');
const deleteOldSnapshots = sql('alerts/upkeep/delete-old-snapshots');
const deleteOldMutes = sql('alerts/upkeep/delete-old-mutes');
const trimPolicyChanges = sql('alerts/upkeep/trim-policy-changes');
const deleteOldClosed = sql('alerts/upkeep/delete-old-closed-connections');

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
  metrics: Pick<AlertsMetrics, 'conditionsForgotten' | 'upkeepTurns' | 'upkeepSucceededAt'>;
}

/** Forgets what need not be kept any longer. Any number of processes may do it. */
export function startUpkeep(options: UpkeepOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const run = async () => {
    while (!stopping.signal.aborted) {
      await forget(options, stopping.signal);
      await sleep(UPKEEP_EVERY_MS, stopping.signal);
    }
  };
  const running = run();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** A step that fails keeps none of the others from being done; the metrics say of each what came of it. */
async function forget(options: UpkeepOptions, stopping: AbortSignal): Promise<void> {
  const { logger, metrics } = options;
  for (const [step, work] of Object.entries(stepsOf(options, stopping))) {
    try {
      await work();
      if (stopping.aborted) return;
      metrics.upkeepTurns.inc({ step, outcome: 'done' });
      metrics.upkeepSucceededAt.set({ step }, Date.now() / 1_000);
    } catch (err) {
      if (stopping.aborted) return;
      metrics.upkeepTurns.inc({ step, outcome: 'failed' });
      logger.warn({ event: 'alerts.upkeep.failed', step, err }, 'Old rows were not deleted; trying again later');
    }
  }
}

function stepsOf({ pool, clusterId, attemptRetentionDays, metrics }: UpkeepOptions, stopping: AbortSignal) {
  const deletion =
    (statement: Statement, ...values: [...unknown[], number]) =>
    () =>
      inPieces(pool, statement, values, stopping);
  return {
    attempts: deletion(deleteOldAttempts, attemptRetentionDays, ROWS),
    history: deletion(deleteOldHistory, PRESENCE_RETENTION_DAYS, ROWS),
    batches: deletion(deleteOldBatches, BATCH_RETENTION_DAYS, ROWS),
    snapshots: deletion(deleteOldSnapshots, BATCH_RETENTION_DAYS, SNAPSHOTS),
    losses: deletion(deleteOldLosses, LOSS_RETENTION_DAYS, ROWS),
    mutes: deletion(deleteOldMutes, MUTE_RETENTION_DAYS, ROWS),
    policies: () => trimPolicies(pool, stopping),
    connections: deletion(deleteOldClosed, clusterId, topics.presence, ROWS),
    conditions: async () => {
      metrics.conditionsForgotten.inc(await forgetIdleConditions(pool, CONDITION_STATE_DAYS, { stopping }));
    },
  };
}

/** Of each target what held before the history of presence begins is kept, and everything since. */
export async function trimPolicies(pool: Pool, stopping?: AbortSignal): Promise<void> {
  await inPieces(pool, trimPolicyChanges, [POLICY_RETENTION_DAYS, ROWS], stopping);
}

/** @param values the last is how many rows one statement may delete. */
async function inPieces(pool: Pool, statement: Statement, values: [...unknown[], number], stopping?: AbortSignal): Promise<void> {
  const rows = values.at(-1) as number;
  while (!stopping?.aborted) {
    const { rowCount } = await pool.query({ ...statement, values });
    if ((rowCount ?? 0) < rows) return;
  }
}
