import { type ConditionType, conditionTypes, type EmergencyType } from '@milepost/contracts';
import type { Reason } from '../explain.js';
import type { Policies } from '../policy/policies.js';
import type { ConditionPolicy } from './condition-policy.js';
import { isGoingOn } from './emergencies.js';
import type { Geofence } from './geofence.js';
import type { ConditionSubject } from './reconcile.js';
import type { OpenCondition, VehicleConditions } from './vehicle-conditions.js';

export interface ConditionReason extends Reason {
  /** Which of its type: the code, the geofence. */
  key?: string;
}

/** Of one type: whether an alert may open, which are open, and why they are, or are not. */
export interface ExplainedCondition {
  type: ConditionType;
  armed: boolean;
  /** Nothing is told until then, in ms; infinite where no end is set. */
  mutedUntilMs?: number;
  /** Keys of alerts that are open. */
  open: string[];
  /** The newest that the vehicle recorded of what this type is judged by. */
  lastRecordedMs?: number;
  reasons: ConditionReason[];
}

export interface ExplainedBy {
  policies: Policies;
  /** Those that hold for the vehicle; their shapes are not asked for. */
  fences: readonly Omit<Geofence, 'shape'>[];
  nowMs: number;
}

const at = (ms: number) => new Date(ms).toISOString();
const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;

/** Why alerts about what a vehicle reports, and about its certificate, are open or are not, at a time of the judging process. */
export function explainConditions(subject: ConditionSubject, state: VehicleConditions, by: ExplainedBy): ExplainedCondition[] {
  const { conditions } = by.policies.policyOf(subject);
  return conditionTypes.map((type) => {
    const armed = !conditions.off.has(type);
    const open = state.open.filter((standing) => standing.type === type);
    const lastRecordedMs = lastRecorded(type, state);
    const muted = (openedAtMs: number) => by.policies.mutedUntilMs(subject, { type, openedAtMs }, by.nowMs);
    // A snooze is of one alert: where there may be several of the type, it mutes none of the others.
    const mutedUntilMs = muted(open.find(({ key }) => key === '')?.openedAtMs ?? by.nowMs);
    const off: ConditionReason = { code: 'policy_off', text: `The policy (conditionsOff) opens no alert of type ${type}.` };
    return {
      type,
      armed,
      ...(mutedUntilMs !== undefined && { mutedUntilMs }),
      open: open.map(({ key }) => key),
      ...(lastRecordedMs !== undefined && { lastRecordedMs }),
      reasons: [
        ...(armed ? [] : [off]),
        ...reasonsOf(type, state, conditions, by),
        ...open.flatMap((standing) => told(standing, muted(standing.openedAtMs))),
      ],
    };
  });
}

function lastRecorded(
  type: ConditionType,
  { fixes, battery, codes = {}, emergencies = {}, certificate }: VehicleConditions,
): number | undefined {
  switch (type) {
    case 'dtc':
      return newest(Object.values(codes).map(({ recordedAtMs }) => recordedAtMs));
    case 'battery_low':
      return battery?.tail.at(-1)?.recordedAtMs;
    case 'geofence_enter':
    case 'geofence_exit':
      return fixes?.tail.at(-1)?.recordedAtMs;
    case 'sos':
    case 'crash':
      return emergencies[type]?.lastAtMs;
    case 'certificate_expiring':
      return certificate?.connectedAtMs;
  }
}

const newest = (times: number[]): number | undefined => (times.length === 0 ? undefined : Math.max(...times));

function reasonsOf(
  type: ConditionType,
  state: VehicleConditions,
  policy: ConditionPolicy,
  { fences, nowMs }: ExplainedBy,
): ConditionReason[] {
  switch (type) {
    case 'dtc':
      return troubleCodes(state, policy, nowMs);
    case 'battery_low':
      return battery(state, policy);
    case 'geofence_enter':
    case 'geofence_exit':
      return crossings(type, state, policy, fences);
    case 'sos':
    case 'crash':
      return emergency(type, state, policy, nowMs);
    case 'certificate_expiring':
      return certificate(state, policy, nowMs);
  }
}

function troubleCodes({ codes = {} }: VehicleConditions, { dtcClearedMs }: ConditionPolicy, nowMs: number): ConditionReason[] {
  const known = Object.entries(codes);
  if (known.length === 0) return [{ code: 'nothing_known', text: 'No report called a trouble code active or cleared.' }];
  return known.map(([key, { status, recordedAtMs, clearedMs }]): ConditionReason => {
    if (status === 'active') return { key, code: 'dtc_active', text: `${key} was reported active at ${at(recordedAtMs)}.` };
    const leftMs = clearedMs === undefined ? 0 : clearedMs + dtcClearedMs - nowMs;
    if (leftMs > 0)
      return {
        key,
        code: 'dtc_clearing',
        text: `${key} was reported cleared at ${at(recordedAtMs)}, and must stay so for another ${seconds(leftMs)}.`,
      };
    return { key, code: 'dtc_cleared', text: `${key} was reported cleared at ${at(recordedAtMs)}.` };
  });
}

function battery({ battery: fold }: VehicleConditions, { battery: policy }: ConditionPolicy): ConditionReason[] {
  const last = fold?.tail.at(-1);
  if (fold === undefined || last === undefined) return [{ code: 'nothing_known', text: 'No voltage of it was judged.' }];
  const { low, against } = fold.head;
  const { lowVolts, marginVolts, readings } = policy;
  const read = `The last reading was ${last.value} V at ${at(last.recordedAtMs)}`;
  if (!low && against > 0)
    return [{ code: 'battery_falling', text: `${read}: ${against} of ${readings} readings in a row below ${lowVolts} V.` }];
  if (!low) return [{ code: 'battery_well', text: `${read}; it is low after ${readings} in a row below ${lowVolts} V.` }];
  const wellVolts = Number((lowVolts + marginVolts).toFixed(3));
  return [{ code: 'battery_low', text: `${read}: low, until ${readings} in a row are ${wellVolts} V or more; so far ${against}.` }];
}

function crossings(
  type: 'geofence_enter' | 'geofence_exit',
  { fixes }: VehicleConditions,
  { geofence }: ConditionPolicy,
  fences: ExplainedBy['fences'],
): ConditionReason[] {
  const wanted = type === 'geofence_enter' ? 'enter' : 'exit';
  const minded = fences.filter(({ alertOn }) => alertOn === 'both' || alertOn === wanted);
  if (minded.length === 0)
    return [{ code: 'no_geofence', text: `No geofence that is on for it tells when it ${wanted === 'enter' ? 'goes in' : 'goes out'}.` }];
  return minded.map(({ id: key, name, sinceMs }): ConditionReason => {
    const known = fixes?.head[key];
    const side = known !== undefined && (known.sinceMs ?? sinceMs) === sinceMs ? known : undefined;
    if (side === undefined || side.side === 'unknown') {
      const so = side?.toward === undefined ? '' : `, ${side.against} so far said ${side.toward}`;
      return {
        key,
        code: 'side_unknown',
        text: `${name} holds since ${at(sinceMs)}: of the fixes recorded since, ${geofence.fixes} in a row must say on which side it is${so}.`,
      };
    }
    const since = side.crossed === undefined ? '' : ` since ${at(side.crossed.atMs)}`;
    if (side.against > 0 && side.toward !== undefined)
      return {
        key,
        code: 'side_changing',
        text: `It is ${side.side} of ${name}${since}; ${side.against} of ${geofence.fixes} fixes in a row say ${side.toward}.`,
      };
    if (side.crossed === undefined)
      return { key, code: 'never_crossed', text: `It was ${side.side} of ${name} when that was first known, and has not crossed it.` };
    return { key, code: side.side, text: `It is ${side.side} of ${name}${since}.` };
  });
}

function emergency(
  type: EmergencyType,
  { emergencies = {} }: VehicleConditions,
  { eventOpenMs }: ConditionPolicy,
  nowMs: number,
): ConditionReason[] {
  const known = emergencies[type];
  if (known === undefined) return [{ code: 'nothing_known', text: `No event of it was a ${type}.` }];
  const { event, count, lastAtMs, heardMs, dismissed } = known;
  const said = `${event}, ${count} times, last at ${at(lastAtMs)}`;
  if (dismissed) return [{ code: 'dismissed', text: `${said}: somebody said that it is over.` }];
  if (!isGoingOn(known, nowMs, eventOpenMs)) return [{ code: 'over', text: `${said}: nothing further came for ${seconds(eventOpenMs)}.` }];
  return [{ code: 'going_on', text: `${said}: open until ${at(heardMs + eventOpenMs)}, or until somebody says that it is over.` }];
}

function certificate(
  { certificate: shown }: VehicleConditions,
  { certificateWarningMs }: ConditionPolicy,
  nowMs: number,
): ConditionReason[] {
  if (shown === undefined) return [{ code: 'nothing_known', text: 'No certificate of it was judged.' }];
  const ends = `The certificate ${shown.serial} of its newest connection ends at ${at(shown.notAfterMs)}`;
  return shown.notAfterMs - nowMs > certificateWarningMs
    ? [{ code: 'certificate_good', text: `${ends}; the alert opens at ${at(shown.notAfterMs - certificateWarningMs)}.` }]
    : [{ code: 'certificate_ending', text: `${ends}.` }];
}

function told({ key, type, toldMs, openedAtMs }: OpenCondition, mutedUntilMs: number | undefined): ConditionReason[] {
  const of = { ...(key !== '' && { key }) };
  const opened = { ...of, code: 'alert_open', text: `An alert of type ${type} is open since ${at(openedAtMs)}.` };
  if (toldMs !== undefined) return [opened, { ...of, code: 'told', text: `It was told at ${at(toldMs)}.` }];
  if (mutedUntilMs === undefined) return [opened, { ...of, code: 'not_told_yet', text: 'It is told in a moment.' }];
  const end = mutedUntilMs === Number.POSITIVE_INFINITY ? 'until the mute is deleted' : `until ${at(mutedUntilMs)}`;
  return [opened, { ...of, code: 'not_told_muted', text: `It is not told ${end}: a mute or a maintenance window is on.` }];
}
