import type { AlertType } from '@milepost/contracts';
import { clockTimeOf, type PartitionClock } from '../clock/partition-clock.js';
import type { Effect } from '../effect.js';
import type { Policies } from '../policy/policies.js';
import { type Stepped, type VehicleState, without } from '../state/vehicle-state.js';
import type { Facts } from '../transitions/judge.js';
import { noticeDueAtMs, type PendingNotice } from './notice.js';

/** Alerts open and are resolved whether or not anybody is told: what a step opened is told at once where policy and mutes allow. */
export function withNotices({ vehicle, effects }: Stepped, clock: PartitionClock, policies: Policies): Stepped {
  let next = vehicle;
  const told: Effect[] = [];
  for (const effect of effects) {
    told.push(effect);
    if (effect.kind === 'resolve_alert') next = withoutNotice(next, effect.type);
    if (effect.kind !== 'open_alert') continue;
    const notice = { openedAtMs: effect.openedAtMs, sinceMs: effect.sinceMs };
    const stepped = tell(withNotice(next, effect.type, notice), effect.type, notice, clock, policies);
    next = stepped.vehicle;
    told.push(...stepped.effects);
  }
  return { vehicle: next, effects: told };
}

/** How long after it was withheld for an incident a notice is looked at again. */
const SPOKEN_FOR_RELOOK_MS = 5_000;

/** Tells, first or again, what is due. What an incident speaks for waits for its end. */
export function tellDue(
  vehicle: VehicleState,
  { spokenFor = false }: Pick<Facts, 'spokenFor'>,
  clock: PartitionClock,
  policies: Policies,
): Stepped {
  let stepped: Stepped = { vehicle, effects: [] };
  for (const [type, notice] of noticesOf(vehicle)) {
    if (notice.dueAtMs === undefined || notice.dueAtMs > clock.clockMs) continue;
    if (spokenFor && type === 'offline') {
      const waiting = withNotice(stepped.vehicle, type, { ...notice, dueAtMs: clock.clockMs + SPOKEN_FOR_RELOOK_MS });
      stepped = { ...stepped, vehicle: waiting };
      continue;
    }
    const next = tell(stepped.vehicle, type, notice, clock, policies);
    stepped = { vehicle: next.vehicle, effects: [...stepped.effects, ...next.effects] };
  }
  return stepped;
}

/** Policies changed: what waits is looked at anew. */
export function rearmNotices(vehicle: VehicleState, clock: PartitionClock, policies: Policies): VehicleState {
  const policy = policies.policyOf(vehicle);
  let next = vehicle;
  for (const [type, notice] of noticesOf(vehicle)) {
    const wantedMs = noticeDueAtMs(type, notice, policy);
    const dueAtMs =
      wantedMs === undefined ? undefined : postponed(vehicle, type, notice, Math.max(wantedMs, clock.clockMs), clock, policies);
    if (dueAtMs !== notice.dueAtMs)
      next = withNotice(next, type, { ...without(notice, 'dueAtMs'), ...(dueAtMs !== undefined && { dueAtMs }) });
  }
  return next;
}

export const noticesOf = ({ notices = {} }: VehicleState): [AlertType, PendingNotice][] =>
  Object.entries(notices) as [AlertType, PendingNotice][];

function tell(vehicle: VehicleState, type: AlertType, notice: PendingNotice, clock: PartitionClock, policies: Policies): Stepped {
  const policy = policies.policyOf(vehicle);
  const { clockMs, logTimeMs = clockMs } = clock;
  const wantedMs = noticeDueAtMs(type, notice, policy);
  const dueAtMs = wantedMs === undefined ? undefined : postponed(vehicle, type, notice, Math.max(wantedMs, clockMs), clock, policies);
  const kept = without(notice, 'dueAtMs');
  if (dueAtMs === undefined || dueAtMs > clockMs) {
    return { vehicle: withNotice(vehicle, type, { ...kept, ...(dueAtMs !== undefined && { dueAtMs }) }), effects: [] };
  }
  const toldNow: PendingNotice = { ...kept, toldMs: clockMs };
  const nextMs = noticeDueAtMs(type, toldNow, policy);
  return {
    vehicle: withNotice(vehicle, type, { ...toldNow, ...(nextMs !== undefined && { dueAtMs: nextMs }) }),
    effects: [
      {
        kind: 'tell_alert',
        vehicle: vehicle.vehicle,
        vehicleId: vehicle.vehicleId,
        type,
        atMs: Math.max(logTimeMs, notice.openedAtMs),
        again: notice.toldMs !== undefined,
      },
    ],
  };
}

/** The clock time at which it may be told: when it is wanted, or when the mutes of that time end; undefined where no end is set. */
function postponed(
  vehicle: VehicleState,
  type: AlertType,
  { openedAtMs }: PendingNotice,
  wantedMs: number,
  clock: PartitionClock,
  policies: Policies,
): number | undefined {
  const { clockMs, logTimeMs = clockMs } = clock;
  const untilMs = policies.mutedUntilMs(vehicle, { type, openedAtMs }, logTimeMs + (wantedMs - clockMs));
  if (untilMs === undefined) return wantedMs;
  return untilMs === Number.POSITIVE_INFINITY ? undefined : clockTimeOf(clock, untilMs);
}

function withNotice(vehicle: VehicleState, type: AlertType, notice: PendingNotice): VehicleState {
  return { ...vehicle, notices: { ...vehicle.notices, [type]: notice } };
}

function withoutNotice(vehicle: VehicleState, type: AlertType): VehicleState {
  if (vehicle.notices?.[type] === undefined) return vehicle;
  const notices = without(vehicle.notices, type);
  return Object.keys(notices).length === 0 ? without(vehicle, 'notices') : { ...vehicle, notices };
}
