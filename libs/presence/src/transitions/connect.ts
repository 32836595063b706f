import type { Moment } from '../clock/moment.js';
import type { PresencePolicy } from '../policy/policy.js';
import type { OpenConnection } from '../state/connection.js';
import { maxRememberedAddresses, type VehicleState } from '../state/vehicle-state.js';

/**
 * A connection opens. The vehicle is online at once; an open alert is resolved only when the connection is proved (`prove.ts`),
 * for until then it may turn out `not_established`, which leaves everything as it was.
 */
export function connect(vehicle: VehicleState, connection: OpenConnection, moment: Moment, policy: PresencePolicy): VehicleState {
  const { atMs, offset, clockMs } = moment;
  const opened: VehicleState = {
    ...vehicle,
    connections: [...vehicle.connections, connection],
    lastContactAtMs: atMs,
    addresses: withAddress(vehicle.addresses, connection.address),
  };
  if (vehicle.presence.kind === 'online') return opened;
  return {
    ...opened,
    presence: { kind: 'online', sinceMs: atMs, rest: { away: vehicle.presence, atOffset: offset, clockMs } },
    silence: { sinceMs: clockMs, dueAtMs: clockMs + policy.silentAfterMs },
  };
}

function withAddress(addresses: string[], address: string): string[] {
  return [...addresses.filter((known) => known !== address), address].slice(-maxRememberedAddresses);
}
