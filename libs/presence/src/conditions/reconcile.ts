import type { ConditionType } from '@milepost/contracts';
import type { AlertEffect } from '../effect.js';
import type { PolicySubject } from '../policy/policies.js';
import { without } from '../state/vehicle-state.js';
import { isWorse } from './certificate.js';
import { conditionKey, type Holding, type OpenCondition } from './vehicle-conditions.js';

export interface ConditionSubject extends PolicySubject {
  vehicleId: string;
}

export interface Reconciled {
  open: OpenCondition[];
  effects: AlertEffect[];
}

/** Opens what holds and is not open, resolves what is open and holds no longer, raises what became worse. `atMs`: when the message came, log time. */
export function reconcile(
  subject: ConditionSubject,
  open: readonly OpenCondition[],
  holding: readonly Holding[],
  { atMs, nowMs }: { atMs: number; nowMs: number },
): Reconciled {
  const { vehicle, vehicleId, organisationId } = subject;
  const wanted = new Map(holding.map((one) => [conditionKey(one), one]));
  const effects: AlertEffect[] = [];
  const next: OpenCondition[] = [];
  for (const standing of open) {
    const holds = wanted.get(conditionKey(standing));
    const { type, key } = standing;
    // What is said of one certificate says nothing of the next, unless that is worse still.
    if (holds === undefined || (holds.condition.serial !== standing.serial && !isRisen(holds, standing))) {
      effects.push({ kind: 'resolve_alert', vehicle, vehicleId, type, key, resolvedAtMs: Math.max(atMs, standing.openedAtMs) });
      continue;
    }
    wanted.delete(conditionKey(standing));
    const { condition, severity } = holds;
    if (isRisen(holds, standing)) {
      effects.push({ kind: 'raise_alert', vehicle, vehicleId, type, key, severity, condition, atMs: Math.max(nowMs, standing.openedAtMs) });
      // As if nobody had been told: somebody must hear of it.
      next.push({ ...without(standing, 'toldMs'), severity, dueAtMs: nowMs, ...known(condition) });
    } else if (condition.count !== standing.count || isOfAnotherTime(holds, standing)) {
      effects.push({ kind: 'annotate_alert', vehicle, type, key, condition });
      next.push({ ...standing, ...known(condition) });
    } else next.push(standing);
  }
  for (const { type, key, severity, condition } of wanted.values()) {
    const openedAtMs = unlike(next, atMs);
    effects.push({
      kind: 'open_alert',
      vehicle,
      vehicleId,
      organisationId,
      type,
      key,
      severity,
      condition,
      openedAtMs,
      sinceMs: openedAtMs,
      latenessMs: Math.max(0, nowMs - atMs),
    });
    next.push({ type, key, severity, openedAtMs, sinceMs: openedAtMs, dueAtMs: nowMs, ...known(condition) });
  }
  return { open: next, effects };
}

/** What of a condition an open alert remembers. */
function known({ count, serial, recordedAt }: Holding['condition']): Pick<OpenCondition, 'count' | 'serial' | 'recordedAt'> {
  return {
    ...(count !== undefined && { count }),
    ...(serial !== undefined && { serial }),
    ...(recordedAt !== undefined && { recordedAt }),
  };
}

/** Those that one item decides. An active code is mentioned again and again, and its alert says since when. */
const decidedByOne: ReadonlySet<ConditionType> = new Set(['battery_low', 'geofence_enter', 'geofence_exit']);

/** Items that came late show that another one decided: yesterday's exit would otherwise pass for one of now. */
function isOfAnotherTime({ type, condition }: Holding, { recordedAt }: OpenCondition): boolean {
  return decidedByOne.has(type) && condition.recordedAt !== recordedAt;
}

/** Only the end of a certificate comes nearer by itself; another severity in the policy changes nothing that is open. */
function isRisen({ type, severity }: Holding, standing: OpenCondition): boolean {
  return type === 'certificate_expiring' && isWorse(severity, standing.severity);
}

/** A snooze names its alert by when it opened: two of a vehicle never open in the same millisecond. */
function unlike(open: readonly OpenCondition[], atMs: number): number {
  const taken = new Set(open.map(({ openedAtMs }) => openedAtMs));
  let at = atMs;
  while (taken.has(at)) at += 1;
  return at;
}
