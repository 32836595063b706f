import { presenceTimes } from '@milepost/contracts';
import type { PartitionClock } from './partition-clock.js';

/** Where and when something stands in a presence partition. The machine knows no other time. */
export interface Moment {
  /** LogAppendTime of the record. */
  atMs: number;
  offset: number;
  /** The partition's clock. */
  clockMs: number;
  /**
   * The time of the record itself by that clock, which stands where the last leases were: a grace that began there would be over early by as much. It moves by
   * a step at the most, and so this is no further ahead.
   */
  recordClockMs: number;
}

/** Before the first lease a partition has no clock, and the records' own time is all there is: 0 would make every deadline long overdue at that lease. */
export function momentOf({ logTimeMs, clockMs }: PartitionClock, atMs: number, offset: number): Moment {
  if (logTimeMs === undefined) return { atMs, offset, clockMs: atMs, recordClockMs: atMs };
  const behindMs = Math.min(Math.max(0, atMs - logTimeMs), presenceTimes.maxClockStepMs);
  return { atMs, offset, clockMs, recordClockMs: clockMs + behindMs };
}
