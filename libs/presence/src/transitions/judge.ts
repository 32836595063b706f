import { type PartitionClock, steadyTimeOf } from '../clock/partition-clock.js';
import type { PresencePolicy } from '../policy/policy.js';
import { isOfPlace, type Notice, type Suspect } from '../state/presence.js';
import { type Stepped, type VehicleState, without } from '../state/vehicle-state.js';
import { endFaults, isMisconfigured } from './faults.js';
import { endConflict } from './identity-conflict.js';
import { lookAtSilence, type ReportFacts } from './silence.js';

/** So many losses of others near a place, in 30 days, make it a dead zone. */
export const deadZoneLosses = 3;

/** What the machine cannot know by itself when it judges a vehicle. */
export interface Facts {
  /** Steady time (`steadyTimeOf`) to which every presence partition has been consumed; undefined while one has no clock. */
  consumedToMs?: number;
  /** The vehicle is one of many: an incident has it as a member. */
  incidentId?: string;
  /** An open incident has its offline alert: nobody is told of that meanwhile. */
  spokenFor?: boolean;
  report: ReportFacts;
  /** Others lost contact near where the vehicle was last. */
  deadZone?: boolean;
}

/** The storm guard must see everybody who was lost at the same time before it says who is alone. */
export function mayBeJudged(suspect: Suspect, consumedToMs: number | undefined, clock: PartitionClock): boolean {
  if (suspect.atOnce) return true;
  const steadyMs = steadyTimeOf(clock);
  // What fell due lies ahead of steady time only where the version before, which noted no set-back, took it down.
  return consumedToMs !== undefined && consumedToMs >= Math.min(suspect.fellDueAtMs ?? steadyMs, steadyMs);
}

/** A suspect whose deadline is due, whom the storm guard is asked about. */
export interface Judgeable {
  vehicle: VehicleState;
  suspect: Suspect;
}

/** Of vehicles that are due, the suspects that may be judged now and are not out for certain. */
export function readyToBeJudged(due: readonly VehicleState[], consumedToMs: number | undefined, clock: PartitionClock): Judgeable[] {
  return due.flatMap((vehicle) => {
    const { presence } = vehicle;
    if (presence.kind !== 'suspect' || presence.dueAtMs > clock.clockMs || presence.atOnce) return [];
    return mayBeJudged(presence, consumedToMs, clock) ? [{ vehicle, suspect: presence }] : [];
  });
}

/** Judges every deadline of the vehicle that the clock has reached. */
export function judge(vehicle: VehicleState, facts: Facts, clock: PartitionClock, policy: PresencePolicy): Stepped {
  const { clockMs, logTimeMs = clockMs } = clock;
  let stepped: Stepped = { vehicle, effects: [] };
  const then = (next: Stepped) => {
    stepped = { vehicle: next.vehicle, effects: [...stepped.effects, ...next.effects] };
  };
  if (vehicle.faults?.quietAtMs !== undefined && vehicle.faults.quietAtMs <= clockMs) then(endFaults(stepped.vehicle, logTimeMs, clockMs));
  if (vehicle.conflict !== undefined && vehicle.conflict.quietAtMs <= clockMs) then(endConflict(stepped.vehicle, logTimeMs));
  if (vehicle.silence !== undefined && vehicle.silence.dueAtMs <= clockMs)
    then(lookAtSilence(stepped.vehicle, facts.report, clock, policy));
  const { presence } = vehicle;
  if (presence.kind === 'suspect' && presence.dueAtMs <= clockMs) then(judgeSuspect(stepped.vehicle, presence, facts, clock, policy));
  return stepped;
}

function judgeSuspect(vehicle: VehicleState, suspect: Suspect, facts: Facts, clock: PartitionClock, policy: PresencePolicy): Stepped {
  const { clockMs, logTimeMs = clockMs } = clock;
  if (!mayBeJudged(suspect, facts.consumedToMs, clock)) {
    if (suspect.fellDueAtMs !== undefined) return { vehicle, effects: [] };
    return { vehicle: { ...vehicle, presence: { ...suspect, fellDueAtMs: steadyTimeOf(clock) } }, effects: [] };
  }
  if (facts.deadZone && wouldWaitInDeadZone(suspect, clockMs, policy)) {
    const untilMs = suspect.lostClockMs + policy.deadZoneGraceMs;
    return { vehicle: { ...vehicle, presence: { ...without(suspect, 'fellDueAtMs'), dueAtMs: untilMs, inDeadZone: true } }, effects: [] };
  }
  if (isMisconfigured(vehicle, suspect.cause)) return { vehicle: offline(vehicle, suspect, { kind: 'misconfigured' }), effects: [] };
  if (facts.incidentId !== undefined) {
    return { vehicle: offline(vehicle, suspect, { kind: 'incident', incidentId: facts.incidentId }), effects: [] };
  }
  return announce(vehicle, suspect, { openedAtMs: logTimeMs, latenessMs: clockMs - suspect.dueAtMs }, policy);
}

/** The policy gives more time where others lost contact too; whether this is such a place must be asked. */
export function wouldWaitInDeadZone(suspect: Suspect, clockMs: number, { deadZoneGraceMs }: PresencePolicy): boolean {
  return !suspect.inDeadZone && isOfPlace(suspect) && suspect.lostClockMs + deadZoneGraceMs > clockMs;
}

/** The incident is closed and the vehicle still away: it gets an alert of its own. */
export function leaveIncident(vehicle: VehicleState, logTimeMs: number, policy: PresencePolicy): Stepped {
  const { presence } = vehicle;
  if (presence.kind !== 'offline' || presence.notice.kind !== 'incident') return { vehicle, effects: [] };
  return announce(vehicle, presence, { openedAtMs: logTimeMs, latenessMs: 0, incidentId: presence.notice.incidentId }, policy);
}

function announce(
  vehicle: VehicleState,
  loss: Parameters<typeof offline>[1],
  { openedAtMs, latenessMs, incidentId }: { openedAtMs: number; latenessMs: number; incidentId?: string },
  policy: PresencePolicy,
): Stepped {
  return {
    vehicle: offline(vehicle, loss, { kind: 'alert' }),
    effects: [
      {
        kind: 'open_alert',
        vehicle: vehicle.vehicle,
        vehicleId: vehicle.vehicleId,
        organisationId: vehicle.organisationId,
        type: 'offline',
        severity: policy.severity.offline,
        cause: loss.cause,
        // Log time lags behind the newest records by up to a lease.
        openedAtMs: Math.max(openedAtMs, loss.sinceMs),
        sinceMs: loss.lostClockMs,
        latenessMs,
        ...(loss.will && { will: loss.will }),
        ...(incidentId !== undefined && { incidentId }),
      },
    ],
  };
}

function offline(
  vehicle: VehicleState,
  loss: Suspect | Extract<VehicleState['presence'], { kind: 'offline' }>,
  notice: Notice,
): VehicleState {
  const { sinceMs, cause, node, connectionId, lostClockMs, will } = loss;
  return { ...vehicle, presence: { kind: 'offline', sinceMs, cause, node, connectionId, lostClockMs, notice, ...(will && { will }) } };
}
