import type { DisconnectCause } from '@milepost/contracts';
import type { Moment } from '../clock/moment.js';
import type { Effect } from '../effect.js';
import type { PresencePolicy } from '../policy/policy.js';
import type { Away, Presence } from '../state/presence.js';
import { type Stepped, type VehicleState, without } from '../state/vehicle-state.js';

/** Closes that are the vehicle's own doing and will happen again. */
const faults: ReadonlySet<DisconnectCause> = new Set(['protocol_error', 'refused_publish']);

/** A vehicle that keeps being closed for the same fault is `misconfigured`, not a flapping offline one. */
export function recordFault(vehicle: VehicleState, cause: DisconnectCause, { atMs, clockMs }: Moment, policy: PresencePolicy): Stepped {
  if (!faults.has(cause)) return { vehicle, effects: [] };
  const run = vehicle.faults;
  const alerting = run?.quietAtMs !== undefined;
  // While the alert is open the fault that opened it stays its cause.
  if (run !== undefined && alerting && run.cause !== cause) return { vehicle, effects: [] };
  const before = run?.cause === cause ? run.atMs : [];
  const times = [...before, atMs].slice(-policy.faultsUntilMisconfigured);
  const first = times[0] ?? atMs;
  const tooOften = times.length >= policy.faultsUntilMisconfigured && atMs - first <= policy.faultWindowMs;
  if (!alerting && !tooOften) return { vehicle: { ...vehicle, faults: { cause, atMs: times } }, effects: [] };

  const faulty = { ...vehicle, faults: { cause, atMs: times, quietAtMs: clockMs + policy.faultWindowMs } };
  if (alerting) return { vehicle: faulty, effects: [] };
  const opened: Effect = {
    kind: 'open_alert',
    vehicle: vehicle.vehicle,
    vehicleId: vehicle.vehicleId,
    organisationId: vehicle.organisationId,
    type: 'misconfigured',
    severity: policy.severity.misconfigured,
    cause,
    openedAtMs: atMs,
    sinceMs: clockMs,
    latenessMs: 0,
  };
  return { vehicle: faulty, effects: [opened] };
}

/** The `misconfigured` alert speaks for a loss by the same fault. */
export function isMisconfigured({ faults: run }: VehicleState, cause: DisconnectCause): boolean {
  return run?.quietAtMs !== undefined && run.cause === cause;
}

/** The fault has not happened for a while. A vehicle that stayed away since is offline like any other, also where a connection may turn out to be none. */
export function endFaults(vehicle: VehicleState, logTimeMs: number, clockMs: number): Stepped {
  const { presence } = vehicle;
  const mended = without(vehicle, 'faults');
  return {
    vehicle: { ...mended, presence: withRest(presence, (away) => unspokenFor(away, clockMs)) },
    effects: [
      { kind: 'resolve_alert', vehicle: vehicle.vehicle, vehicleId: vehicle.vehicleId, type: 'misconfigured', resolvedAtMs: logTimeMs },
    ],
  };
}

function withRest(presence: Presence, change: (away: Away) => Away): Presence {
  if (presence.kind !== 'online') return change(presence);
  const { rest } = presence;
  return rest === undefined ? presence : { ...presence, rest: { ...rest, away: change(rest.away) } };
}

function unspokenFor(away: Away, clockMs: number): Away {
  if (away.kind !== 'offline' || away.notice.kind !== 'misconfigured') return away;
  return { ...without(away, 'notice'), kind: 'suspect', dueAtMs: clockMs, atOnce: false };
}
