import type { PartitionClock } from '../clock/partition-clock.js';
import type { Effect } from '../effect.js';
import type { OpenConnection } from '../state/connection.js';
import { isOfPlace } from '../state/presence.js';
import type { Stepped, VehicleState } from '../state/vehicle-state.js';

/**
 * How far log time must have passed a connection's `connected` before it counts as established. A node's leases stand behind its
 * events, so a `not_established` would have been read by then.
 */
export const PROVED_AFTER_MS = 1_000;

/**
 * An older connection that is still open so long after another ended (in clock time) was not replaced: a node that lives closes what was
 * replaced at once, and one that does not is lost by then.
 */
export const OUTLIVED_AFTER_MS = 60_000;

/** A connection was established: what the vehicle could have fallen back to is over, and an alert about it is resolved. */
export function prove(vehicle: VehicleState, connection: OpenConnection): Stepped {
  const { presence } = vehicle;
  if (presence.kind !== 'online' || presence.rest === undefined || presence.rest.atOffset > connection.openedOffset) {
    return { vehicle, effects: [] };
  }
  return dropRest(vehicle, connection.openedAtMs);
}

/** Proves what log time has passed. */
export function settle(vehicle: VehicleState, { logTimeMs = 0, clockMs }: PartitionClock): Stepped {
  const { presence, connections } = vehicle;
  if (presence.kind !== 'online' || presence.rest === undefined) return { vehicle, effects: [] };
  const { atOffset, clockMs: restedMs } = presence.rest;
  const proof = connections.find(({ openedOffset, openedAtMs }) => openedOffset >= atOffset && logTimeMs >= openedAtMs + PROVED_AFTER_MS);
  if (proof !== undefined) return dropRest(vehicle, proof.openedAtMs);
  return clockMs >= restedMs + OUTLIVED_AFTER_MS ? dropRest(vehicle, logTimeMs) : { vehicle, effects: [] };
}

function dropRest(vehicle: VehicleState, returnedAtMs: number): Stepped {
  const { presence } = vehicle;
  if (presence.kind !== 'online' || presence.rest === undefined) return { vehicle, effects: [] };
  const { away } = presence.rest;
  const effects: Effect[] = isOfPlace(away)
    ? [{ kind: 'regain_contact', vehicle: vehicle.vehicle, vehicleId: vehicle.vehicleId, lostAtMs: away.sinceMs, atMs: returnedAtMs }]
    : [];
  if (away.kind === 'offline' && away.notice.kind === 'alert') {
    effects.push({
      kind: 'resolve_alert',
      vehicle: vehicle.vehicle,
      vehicleId: vehicle.vehicleId,
      type: 'offline',
      resolvedAtMs: returnedAtMs,
      outageSeconds: Math.max(0, returnedAtMs - away.sinceMs) / 1_000,
    });
  }
  return { vehicle: { ...vehicle, presence: { kind: 'online', sinceMs: presence.sinceMs } }, effects };
}
