import type { AlertType, DisconnectCause } from '@milepost/contracts';
import type { Effect } from '../effect.js';
import type { PendingNotice } from '../notices/notice.js';
import type { OpenConnection } from './connection.js';
import type { Presence } from './presence.js';

/** When a connected vehicle is looked at for its silence. Times of the partition's clock, but for the report's. */
export interface Silence {
  /** Nothing was heard since then. */
  sinceMs: number;
  dueAtMs: number;
  /** Receive time of the newest report at the last look. */
  reportAtMs?: number;
  /** Log time of the silence, while its alert is open. */
  alertingSinceMs?: number;
}

/** Closes for the same fault. */
export interface FaultRun {
  cause: DisconnectCause;
  /** Log time, the newest last; no more than the policy counts. */
  atMs: number[];
  /** While `misconfigured` is open: clock time at which it ends, unless it happens again. */
  quietAtMs?: number;
}

export interface IdentityConflict {
  addresses: string[];
  /** Clock time at which it ends, unless another take-over is refused. */
  quietAtMs: number;
}

/** Everything that is known of a vehicle's presence. Plain JSON: it is stored as it is. */
export interface VehicleState {
  vehicle: number;
  vehicleId: string;
  organisationId: number;
  connections: OpenConnection[];
  presence: Presence;
  /** When contact was last lost, where, kept after the return: the storm guard counts by it. */
  lastLoss?: { atMs: number; node: string };
  /** Log time of its last own act: it connected, or left. */
  lastContactAtMs?: number;
  /** Where it connected from, the newest last. */
  addresses: string[];
  /** Connections that ended with their node, the newest last: it may have stalled only, and resume them. */
  lostWithNode?: Pick<OpenConnection, 'node' | 'connectedAt' | 'order'>[];
  silence?: Silence;
  faults?: FaultRun;
  conflict?: IdentityConflict;
  /** Of its open alerts. */
  notices?: Partial<Record<AlertType, PendingNotice>>;
}

/** The outcome of a step. */
export interface Stepped {
  vehicle: VehicleState;
  effects: Effect[];
}

export const maxRememberedAddresses = 4;
export const maxLostWithNode = 4;

export function newVehicle(ids: Pick<VehicleState, 'vehicle' | 'vehicleId' | 'organisationId'>, atMs: number): VehicleState {
  return { ...ids, connections: [], presence: { kind: 'unknown', sinceMs: atMs }, addresses: [] };
}

/** Everything that is to be judged of it, and when, in clock time. */
function deadlinesOf({ presence, silence, faults, conflict, notices = {} }: VehicleState): number[] {
  return [
    presence.kind === 'suspect' ? presence.dueAtMs : undefined,
    silence?.dueAtMs,
    faults?.quietAtMs,
    conflict?.quietAtMs,
    ...Object.values(notices).map(({ dueAtMs }) => dueAtMs),
  ].filter((at) => at !== undefined);
}

/** The earliest of its deadlines, in clock time. */
export function nextDueAtMs(vehicle: VehicleState): number | undefined {
  const due = deadlinesOf(vehicle);
  return due.length === 0 ? undefined : Math.min(...due);
}

/**
 * The same of a state that was kept a while before this clock time: looks at its silence, and at what is withheld, were not kept. What they had
 * armed is over by then; a suspect whose deadline is over is held.
 */
export function nextDueAfterMs(vehicle: VehicleState, clockMs: number): number | undefined {
  const { presence } = vehicle;
  if (presence.kind === 'suspect' && presence.dueAtMs <= clockMs) return presence.dueAtMs;
  const due = deadlinesOf(vehicle).filter((atMs) => atMs > clockMs);
  return due.length === 0 ? undefined : Math.min(...due);
}

/** The node of its newest connection, while it is online. */
export function connectedTo({ presence, connections }: VehicleState): string | undefined {
  return presence.kind === 'online' ? connections.at(-1)?.node : undefined;
}

export function isAway({ presence }: VehicleState): boolean {
  return presence.kind === 'suspect' || presence.kind === 'offline';
}

/** Without a member: exactOptionalPropertyTypes allows no `undefined` in its place. */
export function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = value;
  return rest;
}
