import type { DismissFact, EmergencyFact, EmergencyType, FactPosition } from '@milepost/contracts';
import type { ConditionPolicy } from './condition-policy.js';

/** Events of one kind that are close to each other: one emergency. */
export interface Emergency {
  firstAtMs: number;
  lastAtMs: number;
  count: number;
  /** Time of the judging process when the last one came: it is over so long after. */
  heardMs: number;
  /** Of the first that came. */
  event: string;
  eventSeverity?: string;
  position?: FactPosition;
  clockSuspect?: true;
  /** Somebody said that it is over. */
  dismissed?: true;
}

export type Emergencies = Readonly<Partial<Record<EmergencyType, Emergency>>>;

/**
 * The events of one fix. They join the emergency that is open, or that ended close to them; else they are another. Nothing happened later than it was
 * told: a clock that is ahead would stretch an emergency into the future, and what is called for until then would pass for a part of it.
 */
export function readEmergency(
  emergencies: Emergencies,
  { events, position, clockSuspect }: EmergencyFact,
  { recordedAtMs, receivedAtMs }: { recordedAtMs: number; receivedAtMs: number },
  nowMs: number,
  { eventJoinMs, eventOpenMs }: Pick<ConditionPolicy, 'eventJoinMs' | 'eventOpenMs'>,
): Emergencies {
  let next = emergencies;
  const atMs = Math.min(recordedAtMs, receivedAtMs);
  for (const { type, name, severity } of events) {
    const before = next[type];
    const isOpen = before !== undefined && isGoingOn(before, nowMs, eventOpenMs);
    // Who calls again after it was said to be over, or is over for long, is not to be passed over: only what was before that joins.
    const joinAfterMs = before?.dismissed ? 0 : Math.min(eventJoinMs, eventOpenMs);
    const isNear = before !== undefined && atMs >= before.firstAtMs - eventJoinMs && atMs <= before.lastAtMs + joinAfterMs;
    const joined = before !== undefined &&
      (isOpen || isNear) && {
        ...before,
        firstAtMs: Math.min(before.firstAtMs, atMs),
        lastAtMs: Math.max(before.lastAtMs, atMs),
        count: before.count + 1,
        // What is over stays over: a late event of it opens nothing again.
        heardMs: isOpen ? nowMs : before.heardMs,
      };
    const alone: Emergency = {
      firstAtMs: atMs,
      lastAtMs: atMs,
      count: 1,
      heardMs: nowMs,
      event: name,
      ...(severity !== undefined && { eventSeverity: severity }),
      ...(position && { position }),
      ...(clockSuspect && { clockSuspect }),
    };
    next = { ...next, [type]: joined || alone };
  }
  return next;
}

export function isGoingOn({ heardMs, dismissed }: Emergency, nowMs: number, eventOpenMs: number): boolean {
  return !dismissed && nowMs < heardMs + eventOpenMs;
}

/** Somebody says that it is over: of the alert that they saw, with what it told. A call that came meanwhile nobody has seen. */
export function dismissEmergency(
  emergencies: Emergencies,
  { type, openedAtMs, count }: DismissFact,
  open: { openedAtMs: number } | undefined,
): Emergencies {
  const emergency = emergencies[type];
  if (emergency === undefined || emergency.dismissed) return emergencies;
  // Times come back from the database in whole milliseconds.
  const isAnother = openedAtMs !== undefined && open !== undefined && Math.abs(open.openedAtMs - openedAtMs) >= 1;
  const hasGrown = count !== undefined && emergency.count > count;
  return isAnother || hasGrown ? emergencies : { ...emergencies, [type]: { ...emergency, dismissed: true } };
}
