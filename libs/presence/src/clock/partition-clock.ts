import { presenceTimes } from '@milepost/contracts';
import { oldestLeaseAtMs, type Writers } from './writers.js';

/** A partition's two times. Stored with its `kafka_offsets` row. */
export interface PartitionClock {
  writers: Writers;
  /** Follows the leases. Undefined before the first. */
  logTimeMs?: number;
  /** Follows log time by at most a step: an outage adds one step, not its length. Graces and deadlines are set and judged in it. */
  clockMs: number;
}

export const unsetClock: PartitionClock = { writers: {}, clockMs: 0 };

/** The clock after its writers have changed. It never goes back. */
export function stepClock(clock: PartitionClock, writers: Writers): PartitionClock {
  const oldest = oldestLeaseAtMs(writers);
  if (oldest === undefined) return { ...clock, writers };
  if (clock.logTimeMs === undefined) return { writers, logTimeMs: oldest, clockMs: oldest };
  const logTimeMs = Math.max(clock.logTimeMs, oldest);
  const advanceMs = Math.min(logTimeMs - clock.logTimeMs, presenceTimes.maxClockStepMs);
  return { writers, logTimeMs, clockMs: clock.clockMs + advanceMs };
}

/** Log time as clock time, by how far the clock is behind now. */
export function clockTimeOf({ logTimeMs = 0, clockMs }: PartitionClock, atMs: number): number {
  return atMs - (logTimeMs - clockMs);
}
