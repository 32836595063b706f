import { classifyDatabaseError, sql } from '@milepost/database';
import type { Policies } from '@milepost/presence';
import { type Logger, sleep } from '@milepost/runtime';
import type { Pool } from 'pg';
import { stopped } from '../alerts-stopped.js';
import type { AlertsMetrics } from '../metrics.js';
import type { ConditionMetrics } from './condition-metrics.js';
import { SHARDS } from './condition-store.js';
import { type JudgedFact, type JudgedShard, judgeOldest, judgeShard } from './judge-shard.js';

const shardsAtHand = sql('conditions/shards-at-hand');

const LOOK_EVERY_MS = 250;
/** After a failure: Postgres is away, or another process was in the way. */
const RETRY_AFTER_MS = 1_000;

export interface ConditionJudgeOptions {
  pool: Pool;
  policies(): Policies;
  logger: Logger;
  metrics: Pick<AlertsMetrics, 'opened' | 'resolved'>;
  conditions: ConditionMetrics;
  /** What waiting does not mend. */
  onFatal(error: Error): void;
}

/** Looks for what waits to be judged, and judges it. Any number of processes may: each takes the shards that no other has at that moment. */
export class ConditionJudge {
  readonly #options: ConditionJudgeOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: ConditionJudgeOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { logger, onFatal } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        if (!(await this.#look())) await sleep(LOOK_EVERY_MS, this.#stopping.signal);
      } catch (error) {
        const kind = classifyDatabaseError(error);
        if (kind !== 'retry' && kind !== 'halve') return onFatal(stopped('to judge conditions', error));
        logger.warn({ event: 'alerts.conditions.not-judged', kind, err: error }, 'Conditions were not judged; trying again');
        await sleep(RETRY_AFTER_MS, this.#stopping.signal);
      }
    }
  }

  /** Each shard once, so that a full one keeps none of the others waiting. @returns whether more waits. */
  async #look(): Promise<boolean> {
    const { pool, policies } = this.#options;
    const { rows } = await pool.query<{ shard: number }>({ ...shardsAtHand, values: [SHARDS, Date.now()] });
    let isMore = false;
    for (const { shard } of rows) {
      if (this.#stopping.signal.aborted) return false;
      const judged = await this.#judge(shard, policies());
      if (judged !== undefined) this.#tell(judged);
      isMore ||= judged?.full === true;
    }
    return isMore;
  }

  /** What Postgres refuses for a reason that is in it is found by taking one at a time, and passed over: it must not stand in the way of the others. */
  async #judge(shard: number, policies: Policies): Promise<JudgedShard | undefined> {
    const { pool } = this.#options;
    try {
      return await judgeShard(pool, shard, policies);
    } catch (error) {
      if (classifyDatabaseError(error) !== 'bisect') throw error;
    }
    const judged = await judgeOldest(pool, shard, policies);
    if (judged?.passedOver !== undefined) this.#tellPassedOver(judged.passedOver);
    // Without a fact it is what is known of a vehicle that is due, if it is refused again: nobody can say what to leave out.
    return judged?.full === false ? judgeShard(pool, shard, policies) : judged;
  }

  #tellPassedOver({ fact, error }: NonNullable<JudgedFact['passedOver']>): void {
    const { logger, conditions } = this.#options;
    conditions.passedOver.inc();
    const { vehicleId, recordedAtMs } = fact;
    logger.error(
      { event: 'alerts.conditions.fact-passed-over', vehicleId, kind: fact.fact.kind, recordedAtMs, err: error },
      'Postgres refuses what would come of a fact; it is passed over',
    );
  }

  #tell({ facts, late, applied }: JudgedShard): void {
    const { logger, metrics, conditions } = this.#options;
    const nowMs = Date.now();
    for (const { fact, receivedAtMs } of facts) {
      conditions.facts.inc({ kind: fact.kind });
      conditions.seconds.observe(Math.max(0, nowMs - receivedAtMs) / 1_000);
    }
    if (late > 0) conditions.late.inc(late);
    for (const { row, vehicleId, latenessMs } of applied.opened) {
      metrics.opened.inc({ type: row.type });
      const { id: alertId, type, key } = row;
      logger.info({ event: 'alerts.alert.opened', alertId, type, key, vehicleId, latenessMs }, 'An alert was opened');
    }
    for (const { row, vehicleId } of applied.resolved) {
      metrics.resolved.inc({ type: row.type });
      const { id: alertId, type, key } = row;
      logger.info({ event: 'alerts.alert.resolved', alertId, type, key, vehicleId }, 'An alert was resolved');
    }
  }
}
