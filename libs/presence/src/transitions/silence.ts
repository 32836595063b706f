import type { PartitionClock } from '../clock/partition-clock.js';
import { clockTimeOf } from '../clock/partition-clock.js';
import type { PresencePolicy } from '../policy/policy.js';
import { type Silence, type Stepped, type VehicleState, without } from '../state/vehicle-state.js';

/** What ingest has stored of a vehicle's reports. */
export interface ReportFacts {
  /** Receive time of the newest report. */
  reportAtMs?: number;
  /** Everything received before this is stored; undefined while ingest has said nothing of the partition. */
  completeUntilMs?: number;
}

/** Looks at one vehicle are at least this share of the limit apart. */
const RELOOK_SHARE = 0.02;

/** Looks at a connected vehicle whose silence is due: it opens, goes on waiting, or ends. Silence is judged only up to what ingest has stored. */
export function lookAtSilence(vehicle: VehicleState, facts: ReportFacts, clock: PartitionClock, policy: PresencePolicy): Stepped {
  const { silence } = vehicle;
  if (silence === undefined) return { vehicle, effects: [] };
  const { reportAtMs, completeUntilMs } = facts;
  const reported = reportAtMs !== undefined && reportAtMs !== silence.reportAtMs;
  if (reported) {
    // Not before the last look, when the report was not there: after an outage log time runs ahead of the clock by its length.
    const heardAtMs = Math.min(clock.clockMs, Math.max(silence.sinceMs, clockTimeOf(clock, reportAtMs)));
    const heard = endAlert(vehicle, silence, reportAtMs);
    const next = { sinceMs: heardAtMs, reportAtMs, dueAtMs: nextLook(clock.clockMs, heardAtMs + policy.silentAfterMs, policy) };
    return { vehicle: { ...vehicle, silence: next }, effects: heard };
  }
  const knownUntilMs = completeUntilMs === undefined ? silence.sinceMs : Math.min(clock.clockMs, clockTimeOf(clock, completeUntilMs));
  const missingMs = policy.silentAfterMs - (knownUntilMs - silence.sinceMs);
  const relook = { ...silence, dueAtMs: nextLook(clock.clockMs, clock.clockMs + missingMs, policy) };
  if (silence.alertingSinceMs !== undefined || missingMs > 0) return { vehicle: { ...vehicle, silence: relook }, effects: [] };
  const openedAtMs = clock.logTimeMs ?? clock.clockMs;
  return {
    vehicle: { ...vehicle, silence: { ...relook, alertingSinceMs: openedAtMs } },
    effects: [
      {
        kind: 'open_alert',
        vehicle: vehicle.vehicle,
        vehicleId: vehicle.vehicleId,
        organisationId: vehicle.organisationId,
        type: 'silent',
        severity: policy.severity.silent,
        openedAtMs,
        sinceMs: silence.sinceMs,
        latenessMs: clock.clockMs - silence.dueAtMs,
      },
    ],
  };
}

/** The vehicle's last connection ended: now the rules for lost contact hold. */
export function endSilence(vehicle: VehicleState, atMs: number): Stepped {
  const { silence } = vehicle;
  if (silence === undefined) return { vehicle, effects: [] };
  return { vehicle: without(vehicle, 'silence'), effects: endAlert(vehicle, silence, atMs) };
}

function endAlert({ vehicle, vehicleId }: VehicleState, { alertingSinceMs }: Silence, atMs: number): Stepped['effects'] {
  if (alertingSinceMs === undefined) return [];
  const outageSeconds = Math.max(0, atMs - alertingSinceMs) / 1_000;
  return [{ kind: 'resolve_alert', vehicle, vehicleId, type: 'silent', resolvedAtMs: Math.max(atMs, alertingSinceMs), outageSeconds }];
}

function nextLook(clockMs: number, dueAtMs: number, { silentAfterMs }: PresencePolicy): number {
  return Math.max(dueAtMs, clockMs + silentAfterMs * RELOOK_SHARE);
}
