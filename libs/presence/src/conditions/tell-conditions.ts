import type { AlertEffect } from '../effect.js';
import { noticeDueAtMs } from '../notices/notice.js';
import type { Policies } from '../policy/policies.js';
import { without } from '../state/vehicle-state.js';
import type { ConditionSubject, Reconciled } from './reconcile.js';
import type { OpenCondition } from './vehicle-conditions.js';

/** While it is muted it is looked at again so often: the mute may be lifted. */
const MUTED_RELOOK_MS = 15_000;

/** Tells, first or again, what is due and not muted. */
export function tellConditions(subject: ConditionSubject, open: readonly OpenCondition[], policies: Policies, nowMs: number): Reconciled {
  const effects: AlertEffect[] = [];
  const next = open.map((standing): OpenCondition => {
    const policy = policies.policyOf(subject);
    const { type, key, openedAtMs, dueAtMs = nowMs } = standing;
    // By the policy of now: another interval holds for what is open too.
    const wantedMs = noticeDueAtMs(type, standing, policy);
    const rest = without(standing, 'dueAtMs');
    if (wantedMs === undefined) return rest;
    if (standing.toldMs !== undefined && wantedMs > nowMs) return { ...rest, dueAtMs: wantedMs };
    // Muted when it was looked at last.
    if (dueAtMs > nowMs && dueAtMs <= nowMs + MUTED_RELOOK_MS) return standing;
    const mutedUntilMs = policies.mutedUntilMs(subject, { type, openedAtMs }, nowMs);
    if (mutedUntilMs !== undefined) return { ...rest, dueAtMs: Math.min(mutedUntilMs, nowMs + MUTED_RELOOK_MS) };
    const { vehicle, vehicleId } = subject;
    const again = standing.toldMs !== undefined;
    effects.push({ kind: 'tell_alert', vehicle, vehicleId, type, key, atMs: Math.max(nowMs, openedAtMs), again });
    const told = { ...rest, toldMs: nowMs };
    const nextMs = noticeDueAtMs(type, told, policy);
    return { ...told, ...(nextMs !== undefined && { dueAtMs: nextMs }) };
  });
  return { open: next, effects };
}
