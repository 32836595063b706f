import type { PartitionClock } from './partition-clock.js';

/** Where and when something stands in a presence partition. The machine knows no other time. */
export interface Moment {
  /** LogAppendTime of the record. */
  atMs: number;
  offset: number;
  /** The partition's clock. */
  clockMs: number;
}

/** Before the first lease a partition has no clock, and the records' own time is all there is: 0 would make every deadline long overdue at that lease. */
export function momentOf({ logTimeMs, clockMs }: PartitionClock, atMs: number, offset: number): Moment {
  return { atMs, offset, clockMs: logTimeMs === undefined ? atMs : clockMs };
}
