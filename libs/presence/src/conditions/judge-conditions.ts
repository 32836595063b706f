import type { ConditionFact, FactPosition } from '@milepost/contracts';
import type { AlertEffect } from '../effect.js';
import type { Policies } from '../policy/policies.js';
import type { PresencePolicy } from '../policy/policy.js';
import { type BatteryState, readBattery, unknownBattery } from './battery.js';
import { nextExpiryLookMs, readCertificate } from './certificate.js';
import { dismissEmergency, readEmergency } from './emergencies.js';
import { type FenceSides, readFix, withoutOtherFences } from './fence-sides.js';
import type { Geofence } from './geofence.js';
import { holdingOf } from './holding.js';
import type { ItemMoment } from './item-moment.js';
import { type ConditionSubject, reconcile } from './reconcile.js';
import { takeItem, unordered } from './reordering.js';
import { tellConditions } from './tell-conditions.js';
import { readMention } from './trouble-codes.js';
import type { VehicleConditions } from './vehicle-conditions.js';

/** A fact at its place in its vehicle's time, and when the message came (log time). */
export interface PlacedFact extends ItemMoment {
  fact: ConditionFact;
  receivedAtMs: number;
}

export interface ConditionContext {
  policies: Policies;
  /** Those that hold for the vehicle. */
  fences: readonly Geofence[];
  /** The time of the judging process: mutes, reminders and what ends by itself go by it. */
  nowMs: number;
}

export interface JudgedConditions {
  state: VehicleConditions;
  effects: AlertEffect[];
  /** Facts that were older than everything that still may be put in order. */
  late: number;
}

/**
 * (state, facts) → (state, effects) for one vehicle, the facts in the order in which they came. No I/O and no clock. That may be any order: what is open in the end is
 * what it would be had they come in theirs, as long as none comes behind more than `REORDERED_ITEMS` newer ones of its kind.
 */
export function judgeConditions(
  subject: ConditionSubject,
  state: VehicleConditions,
  facts: readonly PlacedFact[],
  { policies, fences, nowMs }: ConditionContext,
): JudgedConditions {
  const policy = policies.policyOf(subject);
  const effects: AlertEffect[] = [];
  let now = keptFences(state, fences);
  let late = 0;
  const settle = (atMs: number) => {
    const reconciled = reconcile(subject, now.open, holdingOf(now, fences, policy, nowMs), { atMs, nowMs });
    const told = tellConditions(subject, reconciled.open, policies, nowMs);
    now = { ...now, open: told.open };
    effects.push(...reconciled.effects, ...told.effects);
  };
  for (const placed of facts) {
    const read = readFact(now, placed, policy, fences, nowMs);
    if (read === 'late') late += 1;
    else if (read !== now) {
      const changed = mayHold(read, now);
      now = read;
      // One by one, as they came: how they are cut into batches changes nothing that anybody is told.
      if (changed) settle(placed.receivedAtMs);
    }
  }
  settle(nowMs);
  return { state: now, effects, late };
}

/** When to look at a vehicle again although nothing came of it, in time of the judging process. */
export function nextLookMs(state: VehicleConditions, { conditions }: PresencePolicy, nowMs: number): number | undefined {
  const { open, codes = {}, emergencies = {}, certificate } = state;
  const isOpen = (type: string) => open.some((standing) => standing.type === type);
  const looks = [
    ...open.map(({ dueAtMs }) => dueAtMs),
    ...(isOpen('dtc')
      ? Object.values(codes).map(({ clearedMs }) => (clearedMs === undefined ? undefined : clearedMs + conditions.dtcClearedMs))
      : []),
    ...Object.entries(emergencies).map(([type, { heardMs }]) => (isOpen(type) ? heardMs + conditions.eventOpenMs : undefined)),
    certificate && nextExpiryLookMs(certificate.notAfterMs, nowMs, conditions.certificateWarningMs),
  ].filter((atMs) => atMs !== undefined && atMs > nowMs);
  return looks.length === 0 ? undefined : Math.min(...looks.filter((atMs) => atMs !== undefined));
}

const noFixes = unordered<FactPosition, FenceSides>({});
const noReadings = unordered<number, BatteryState>(unknownBattery);

function readFact(
  state: VehicleConditions,
  { fact, recordedAtMs, identity, receivedAtMs }: PlacedFact,
  { conditions }: PresencePolicy,
  fences: readonly Geofence[],
  nowMs: number,
): VehicleConditions | 'late' {
  const moment = { recordedAtMs, identity };
  switch (fact.kind) {
    case 'fix': {
      const { kind: _, ...position } = fact;
      const taken = takeItem(state.fixes ?? noFixes, { ...moment, value: position }, (sides, fix, at) =>
        readFix(sides, fix, at, fences, conditions.geofence),
      );
      return taken.kind === 'taken' ? { ...state, fixes: taken.fold } : taken.kind === 'late' ? 'late' : state;
    }
    case 'report': {
      const codes = (fact.dtcs ?? []).reduce((known, mention) => readMention(known, mention, moment, nowMs), state.codes ?? {});
      const told = codes === state.codes || fact.dtcs === undefined ? state : { ...state, codes };
      if (fact.volts === undefined) return told;
      const taken = takeItem(state.battery ?? noReadings, { ...moment, value: fact.volts }, (battery, volts, at) =>
        readBattery(battery, volts, at, conditions.battery),
      );
      // Its codes go by their own newest mentions: they may matter though its voltage comes too late.
      if (taken.kind === 'late') return told === state ? 'late' : told;
      return taken.kind === 'taken' ? { ...told, battery: taken.fold } : told;
    }
    case 'emergency':
      return { ...state, emergencies: readEmergency(state.emergencies ?? {}, fact, { recordedAtMs, receivedAtMs }, nowMs, conditions) };
    case 'certificate': {
      const certificate = readCertificate(state.certificate, fact, recordedAtMs);
      return certificate === state.certificate ? state : { ...state, certificate };
    }
    case 'dismiss': {
      const known = state.emergencies ?? {};
      const standing = state.open.find(({ type }) => type === fact.type);
      const emergencies = dismissEmergency(known, fact, standing);
      return emergencies === known ? state : { ...state, emergencies };
    }
    case 'recheck':
      return state;
  }
}

/** Most fixes and readings change nothing that an alert could come of. */
function mayHold(a: VehicleConditions, b: VehicleConditions): boolean {
  return (
    a.fixes?.head !== b.fixes?.head ||
    a.battery?.head !== b.battery?.head ||
    a.codes !== b.codes ||
    a.emergencies !== b.emergencies ||
    a.certificate !== b.certificate
  );
}

/** Of fences that are gone nothing is kept. */
function keptFences(state: VehicleConditions, fences: readonly Geofence[]): VehicleConditions {
  const { fixes } = state;
  if (fixes === undefined) return state;
  const base = withoutOtherFences(fixes.base, fences);
  const head = withoutOtherFences(fixes.head, fences);
  return base === fixes.base && head === fixes.head ? state : { ...state, fixes: { ...fixes, base, head } };
}
