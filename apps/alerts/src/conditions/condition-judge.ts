import { classifyDatabaseError, sql, stopped } from '@milepost/database';
import type { Policies } from '@milepost/presence';
import { sleep } from '@milepost/runtime';
import type { Pool } from 'pg';
import { type TellAlertsOptions, tellAlerts } from '../lifecycle/tell-alerts.js';
import type { ConditionMetrics } from './condition-metrics.js';
import { SHARDS } from './condition-store.js';
import { FencesChanged } from './fences-of.js';
import { GeofenceShapes } from './geofence-shapes.js';
import { type JudgedFact, type JudgedShard, judgeOldest, judgeShard, type ShardContext } from './judge-shard.js';

const shardsAtHand = sql('conditions/shards-at-hand');

/** Facts of one transaction. */
const MAX_FACTS = 1_000;
const LOOK_EVERY_MS = 250;
/** After a failure: Postgres is away, or another process was in the way. */
const RETRY_AFTER_MS = 1_000;

export interface ConditionJudgeOptions extends TellAlertsOptions {
  pool: Pool;
  policies(): Policies;
  conditions: ConditionMetrics;
  /** What waiting does not mend. */
  onFatal(error: Error): void;
}

/** Looks for what waits to be judged, and judges it. Any number of processes may: each takes the shards that no other has at that moment. */
export class ConditionJudge {
  readonly #options: ConditionJudgeOptions;
  readonly #stopping = new AbortController();
  readonly #shapes = new GeofenceShapes();
  /** Of a shard that took too long: facts of its next transaction. Grows again with each full one that succeeds. */
  readonly #limits = new Map<number, number>();
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
        // By what is so now, at once.
        if (error instanceof FencesChanged) continue;
        const kind = classifyDatabaseError(error);
        if (kind !== 'retry' && kind !== 'halve') return onFatal(stopped('alerts', 'to judge conditions', error));
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
      const judged = await this.#judge(shard, { policies: policies(), shapes: this.#shapes });
      if (judged !== undefined) this.#tell(judged);
      isMore ||= judged?.full === true;
    }
    return isMore;
  }

  /**
   * A shard that takes too long comes again with fewer facts behind the others: none of them waits for it. Where somebody has locked a vehicle's row that is
   * soon, and its oldest fact, calls for help before all, may be of another vehicle.
   */
  async #judge(shard: number, context: ShardContext): Promise<JudgedShard | undefined> {
    const limit = this.#limits.get(shard) ?? MAX_FACTS;
    try {
      const judged = await this.#judgeMany(shard, context, limit);
      if (judged?.full) this.#limits.set(shard, Math.min(MAX_FACTS, 2 * limit));
      return judged;
    } catch (error) {
      const isHeld = isLockedOut(error);
      if (!isHeld && classifyDatabaseError(error) !== 'halve') throw error;
      const fewer = Math.max(1, Math.floor(limit / 2));
      this.#limits.set(shard, fewer);
      this.#options.logger.warn(
        { event: 'alerts.conditions.halved', shard, limit: fewer, err: error },
        'Conditions took too long to be judged; trying fewer',
      );
      return isHeld ? this.#judgeOneOf(shard, context) : undefined;
    }
  }

  async #judgeOneOf(shard: number, context: ShardContext): Promise<JudgedShard | undefined> {
    try {
      return await this.#judgeOldest(shard, context);
    } catch (error) {
      if (isLockedOut(error)) return undefined;
      throw error;
    }
  }

  /** What Postgres refuses for a reason that is in it is found by taking one at a time, and passed over: it must not stand in the way of the others. */
  async #judgeMany(shard: number, context: ShardContext, limit: number): Promise<JudgedShard | undefined> {
    const { pool } = this.#options;
    try {
      return await judgeShard(pool, shard, context, limit);
    } catch (error) {
      if (classifyDatabaseError(error) !== 'bisect') throw error;
    }
    const judged = await this.#judgeOldest(shard, context);
    // Without a fact it is what is known of a vehicle that is due, if it is refused again: nobody can say what to leave out.
    return judged?.full === false ? judgeShard(pool, shard, context, limit) : judged;
  }

  async #judgeOldest(shard: number, context: ShardContext): Promise<JudgedShard | undefined> {
    const judged = await judgeOldest(this.#options.pool, shard, context);
    if (judged?.passedOver !== undefined) this.#tellPassedOver(judged.passedOver);
    return judged;
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
    const { conditions } = this.#options;
    const nowMs = Date.now();
    for (const { fact, receivedAtMs } of facts) {
      conditions.facts.inc({ kind: fact.kind });
      conditions.seconds.observe(Math.max(0, nowMs - receivedAtMs) / 1_000);
    }
    if (late > 0) conditions.late.inc(late);
    tellAlerts(applied, this.#options);
  }
}

/** lock_not_available: somebody holds a row for longer than is waited. deadlock_detected: and waits for one of ours. */
function isLockedOut(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === '55P03' || code === '40P01';
}
