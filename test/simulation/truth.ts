/** Why a vehicle could not be reached. */
export type Absence = 'tunnel' | 'long tunnel' | 'crash' | 'parked';

/** When a vehicle was away, as the world has it: nobody asked the machine. */
export interface Away {
  vehicleId: string;
  kind: Absence;
  fromMs: number;
  toMs: number;
}

/** Something that happened to the installation. */
export interface Fault {
  kind: 'restart' | 'crash' | 'stall' | 'outage';
  fromMs: number;
  lengthMs: number;
}

const KEEP_ALIVE_MS = 60_000;
const GRACE_MS = 30_000;
const NODE_GRACE_MS = 150_000;
/** Until a node that says nothing is taken for lost. */
const NODE_LOST_MS = 20_000;
/** Two steps of the partition's clock, two leases. */
const TOLERANCE_MS = 8_000;
const RESOLVED_WITHIN_MS = 10_000;

/**
 * When an alert about a crashed vehicle must be there at the latest: the broker waits one and a half keep-alives, then the grace runs.
 * Where its broker went away at about that time, the grace of nodes counts from there; an outage of Kafka comes on top.
 */
export function dueByMs({ fromMs }: Away, faults: readonly Fault[]): number {
  let dueMs = fromMs + KEEP_ALIVE_MS * 1.5 + GRACE_MS;
  for (const fault of faults) {
    if (fault.kind === 'outage') continue;
    const overMs = fault.fromMs + fault.lengthMs;
    // From 150 s before on it may have been on its way back when it crashed.
    if (overMs >= fromMs - NODE_GRACE_MS && fault.fromMs <= dueMs) dueMs = Math.max(dueMs, overMs + NODE_LOST_MS + NODE_GRACE_MS);
  }
  for (const fault of faults)
    if (fault.kind === 'outage' && fault.fromMs <= dueMs && fault.fromMs + fault.lengthMs >= fromMs) dueMs += fault.lengthMs;
  return dueMs + TOLERANCE_MS;
}

/** When the alert must be resolved at the latest: of a return while Kafka is away nobody reads before that is over. */
export function resolvedByMs({ toMs }: Away, faults: readonly Fault[]): number {
  const ends = faults.filter(({ kind, fromMs }) => kind === 'outage' && fromMs <= toMs).map(({ fromMs, lengthMs }) => fromMs + lengthMs);
  return Math.max(toMs, ...ends) + RESOLVED_WITHIN_MS;
}
