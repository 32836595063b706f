import { classifyDatabaseError, withTransaction } from '@milepost/database';
import { type ConditionSubject, judgeConditions, nextLookMs, type Policies } from '@milepost/presence';
import type { Pool, PoolClient } from 'pg';
import { type Applied, applyEffects } from '../lifecycle/apply-effects.js';
import { isLocked, loadConditions, type SavedConditions, saveConditions, takeDue, takeFacts, type WaitingFact } from './condition-store.js';
import { holdCrossedFences, loadGeofences } from './fences-of.js';
import type { GeofenceShapes } from './geofence-shapes.js';

/** By what a shard is judged. */
export interface ShardContext {
  policies: Policies;
  shapes: GeofenceShapes;
}

export interface JudgedShard {
  facts: readonly WaitingFact[];
  late: number;
  applied: Applied;
  /** There may be more. */
  full: boolean;
}

/** Where one fact was taken: what became of it. */
export interface JudgedFact extends JudgedShard {
  /** What would have come of it is not stored, for a reason that is in it; the fact is gone. */
  passedOver?: { fact: WaitingFact; error: unknown };
}

/**
 * Judges what waits of a shard: facts, states, alerts, history and outbox change together or not at all.
 * Undefined when another process is at it. `limit`: facts of one transaction, and twice as many as vehicles that are due.
 * @throws FencesChanged
 */
export async function judgeShard(pool: Pool, shard: number, context: ShardContext, limit: number): Promise<JudgedShard | undefined> {
  const maxDue = Math.ceil(limit / 2);
  return withTransaction(pool, async (client) => {
    if (!(await isLocked(client, shard))) return undefined;
    const nowMs = Date.now();
    const facts = await takeFacts(client, shard, limit);
    const due = await takeDue(client, shard, nowMs, maxDue);
    const full = facts.length === limit || due.length === maxDue;
    return { ...(await judge(client, facts, due, context, nowMs)), full };
  });
}

/**
 * Judges the oldest fact of a shard and nothing else, so that what Postgres refuses can only be its fault: it is passed over in the transaction that
 * took it, or it might be another one that another process left. Undefined as above.
 */
export async function judgeOldest(pool: Pool, shard: number, context: ShardContext): Promise<JudgedFact | undefined> {
  return withTransaction(pool, async (client) => {
    if (!(await isLocked(client, shard))) return undefined;
    const facts = await takeFacts(client, shard, 1);
    const [fact] = facts;
    await client.query('savepoint taken');
    try {
      return { ...(await judge(client, facts, [], context, Date.now())), full: fact !== undefined };
    } catch (error) {
      if (fact === undefined || classifyDatabaseError(error) !== 'bisect') throw error;
      await client.query('rollback to savepoint taken');
      return { ...(await judge(client, [], [], context, Date.now())), full: true, passedOver: { fact, error } };
    }
  });
}

async function judge(
  client: PoolClient,
  facts: readonly WaitingFact[],
  due: readonly ConditionSubject[],
  { policies, shapes }: ShardContext,
  nowMs: number,
): Promise<Omit<JudgedShard, 'full'>> {
  const factsOf = new Map<number, WaitingFact[]>();
  const subjects = new Map<number, ConditionSubject>();
  for (const subject of [...due, ...facts]) subjects.set(subject.vehicle, subject);
  for (const fact of facts) {
    const known = factsOf.get(fact.vehicle);
    if (known === undefined) factsOf.set(fact.vehicle, [fact]);
    else known.push(fact);
  }
  const all = [...subjects.values()];
  if (all.length === 0) return { facts, late: 0, applied: { opened: [], resolved: [] } };
  const stateOf = await loadConditions(
    client,
    all.map(({ vehicle }) => vehicle),
  );
  const fencesOf = await loadGeofences(client, all, shapes);
  const saved: SavedConditions[] = [];
  let late = 0;
  const effects = all.flatMap((subject) => {
    const context = { policies, fences: fencesOf(subject), nowMs };
    const judged = judgeConditions(subject, stateOf(subject.vehicle), factsOf.get(subject.vehicle) ?? [], context);
    late += judged.late;
    saved.push({ subject, state: judged.state, dueAtMs: nextLookMs(judged.state, policies.policyOf(subject), nowMs) });
    return judged.effects;
  });
  await holdCrossedFences(client, effects, { subjects: all, judgedBy: fencesOf, shapes });
  await saveConditions(client, saved);
  return { facts, late, applied: await applyEffects(client, effects) };
}
