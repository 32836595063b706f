import { withTransaction } from '@milepost/database';
import { type ConditionSubject, judgeConditions, nextLookMs, type Policies } from '@milepost/presence';
import type { Pool } from 'pg';
import { type Applied, applyEffects } from '../lifecycle/apply-effects.js';
import {
  isLocked,
  loadConditions,
  loadGeofences,
  type SavedConditions,
  saveConditions,
  takeDue,
  takeFacts,
  type WaitingFact,
} from './condition-store.js';

/** Facts, and vehicles that are due, of one transaction. */
const MAX_FACTS = 1_000;
const MAX_DUE = 500;

export interface JudgedShard {
  facts: readonly WaitingFact[];
  late: number;
  applied: Applied;
  /** There may be more. */
  full: boolean;
}

export interface JudgeShardOptions {
  policies: Policies;
  /** At most so many at once. */
  maxFacts?: number;
  now?: () => number;
}

/**
 * Judges what waits of a shard: facts, states, alerts, history and outbox change together or not at all.
 * Undefined when another process is at it.
 */
export async function judgeShard(
  pool: Pool,
  shard: number,
  { policies, maxFacts = MAX_FACTS, now = Date.now }: JudgeShardOptions,
): Promise<JudgedShard | undefined> {
  return withTransaction(pool, async (client) => {
    if (!(await isLocked(client, shard))) return undefined;
    const nowMs = now();
    const facts = await takeFacts(client, shard, maxFacts);
    const due = await takeDue(client, shard, nowMs, MAX_DUE);
    const full = facts.length === maxFacts || due.length === MAX_DUE;
    const factsOf = new Map<number, WaitingFact[]>();
    const subjects = new Map<number, ConditionSubject>();
    for (const subject of [...due, ...facts]) subjects.set(subject.vehicle, subject);
    for (const fact of facts) {
      const known = factsOf.get(fact.vehicle);
      if (known === undefined) factsOf.set(fact.vehicle, [fact]);
      else known.push(fact);
    }
    const all = [...subjects.values()];
    if (all.length === 0) return { facts, late: 0, applied: { opened: [], resolved: [] }, full };
    const stateOf = await loadConditions(
      client,
      all.map(({ vehicle }) => vehicle),
    );
    const fencesOf = await loadGeofences(client, all);
    const saved: SavedConditions[] = [];
    let late = 0;
    const effects = all.flatMap((subject) => {
      const context = { policies, fences: fencesOf(subject), nowMs };
      const judged = judgeConditions(subject, stateOf(subject.vehicle), factsOf.get(subject.vehicle) ?? [], context);
      late += judged.late;
      saved.push({ subject, state: judged.state, dueAtMs: nextLookMs(judged.state, policies.policyOf(subject), nowMs) });
      return judged.effects;
    });
    await saveConditions(client, saved);
    return { facts, late, applied: await applyEffects(client, effects), full };
  });
}
