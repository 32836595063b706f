import type { PartitionClock } from '../clock/partition-clock.js';
import { type VehicleState, without } from '../state/vehicle-state.js';
import { consequenceOf, type PresencePolicy } from './policy.js';

/**
 * A vehicle under a policy that may be another than before: who is suspect waits as long as the policy says now, who is connected is looked
 * at as early as it says now. What was judged already stays as it is. The same vehicle when nothing changes.
 */
export function rearm(vehicle: VehicleState, { clockMs }: PartitionClock, policy: PresencePolicy): VehicleState {
  return rearmSilence(rearmGrace(vehicle, policy), clockMs, policy);
}

function rearmGrace(vehicle: VehicleState, policy: PresencePolicy): VehicleState {
  const { presence } = vehicle;
  if (presence.kind !== 'suspect') return vehicle;
  const { cause, sinceMs, lostClockMs } = presence;
  const consequence = consequenceOf(cause, presence.will, policy);
  if (consequence.kind === 'park') return { ...vehicle, presence: { kind: 'parked', sinceMs, cause } };
  const graceMs = presence.inDeadZone ? Math.max(consequence.graceMs, policy.deadZoneGraceMs) : consequence.graceMs;
  const dueAtMs = lostClockMs + graceMs;
  // Held at the old deadline or not: the storm guard must see everybody up to the new one.
  return dueAtMs === presence.dueAtMs ? vehicle : { ...vehicle, presence: { ...without(presence, 'fellDueAtMs'), dueAtMs } };
}

/** Only earlier: a look that finds the silence too short for the policy finds the next time itself. */
function rearmSilence(vehicle: VehicleState, clockMs: number, { silentAfterMs }: PresencePolicy): VehicleState {
  const { silence } = vehicle;
  if (silence === undefined || silence.alertingSinceMs !== undefined) return vehicle;
  const dueAtMs = Math.max(clockMs, silence.sinceMs + silentAfterMs);
  return dueAtMs >= silence.dueAtMs ? vehicle : { ...vehicle, silence: { ...silence, dueAtMs } };
}
