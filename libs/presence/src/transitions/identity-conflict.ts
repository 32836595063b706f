import type { Moment } from '../clock/moment.js';
import type { PresencePolicy } from '../policy/policy.js';
import { type Stepped, type VehicleState, without } from '../state/vehicle-state.js';

/** More than two clients may use one identity; beyond this the alert lists no more of them. */
export const maxConflictAddresses = 8;

/** A take-over was refused because there were too many: two clients use this identity. One alert with both addresses. */
export function refuseTakeOver(vehicle: VehicleState, address: string, { atMs, clockMs }: Moment, policy: PresencePolicy): Stepped {
  const known = vehicle.conflict?.addresses ?? [...vehicle.connections.map((connection) => connection.address), ...vehicle.addresses];
  const addresses = [...new Set([...known, address])].slice(-maxConflictAddresses);
  const conflict = { addresses, quietAtMs: clockMs + policy.conflictQuietMs };
  const next = { ...vehicle, conflict };
  if (vehicle.conflict === undefined) {
    return {
      vehicle: next,
      effects: [
        {
          kind: 'open_alert',
          vehicle: vehicle.vehicle,
          vehicleId: vehicle.vehicleId,
          organisationId: vehicle.organisationId,
          type: 'identity_conflict',
          severity: policy.severity.identity_conflict,
          cause: 'take_over_limit',
          openedAtMs: atMs,
          sinceMs: clockMs,
          addresses,
          latenessMs: 0,
        },
      ],
    };
  }
  if (vehicle.conflict.addresses.includes(address)) return { vehicle: next, effects: [] };
  return { vehicle: next, effects: [{ kind: 'annotate_alert', vehicle: vehicle.vehicle, type: 'identity_conflict', addresses }] };
}

/** No take-over was refused for a while. */
export function endConflict(vehicle: VehicleState, logTimeMs: number): Stepped {
  return {
    vehicle: without(vehicle, 'conflict'),
    effects: [
      { kind: 'resolve_alert', vehicle: vehicle.vehicle, vehicleId: vehicle.vehicleId, type: 'identity_conflict', resolvedAtMs: logTimeMs },
    ],
  };
}
