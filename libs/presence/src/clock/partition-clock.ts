import { presenceTimes } from '@milepost/contracts';
import { newestLeaseAtMs, oldestLeaseAtMs, type Writers } from './writers.js';

/** A partition's two times. Stored with its `kafka_offsets` row. */
export interface PartitionClock {
  writers: Writers;
  /** Follows the leases. Undefined before the first. */
  logTimeMs?: number;
  /** Follows log time by at most a step: an outage adds one step, not its length. Graces and deadlines are set and judged in it. */
  clockMs: number;
  /** By how much the log's clock was set back, as far as it was not set on again. */
  setBackMs?: number;
}

export const unsetClock: PartitionClock = { writers: {}, clockMs: 0 };

/** The clock after its writers have changed. Neither of its times goes back. */
export function stepClock(clock: PartitionClock, writers: Writers): PartitionClock {
  const oldest = oldestLeaseAtMs(writers);
  if (oldest === undefined) return { ...clock, writers };
  if (clock.logTimeMs === undefined) return { writers, logTimeMs: oldest, clockMs: oldest };
  const logTimeMs = Math.max(clock.logTimeMs, oldest);
  const aheadMs = logTimeMs - clock.logTimeMs;
  const advanceMs = Math.min(aheadMs, presenceTimes.maxClockStepMs);
  const { setBackMs = 0 } = clock;
  const setOn = aheadMs >= SET_ON_MS && setBackMs > 0 ? { setBackMs: Math.max(0, setBackMs - aheadMs) } : {};
  return { ...clock, ...setOn, writers, logTimeMs, clockMs: clock.clockMs + advanceMs };
}

/** More than the clocks of two Kafka nodes may differ by, of which one follows the other as a partition's leader. */
const SET_BACK_MS = 10_000;
/**
 * More than log time stands still while a writer is gone and not yet lost. An outage of Kafka may be taken for it: where one partition alone had it, that is
 * behind the others by as much from then on, as with a clock of its own. A larger limit would pass over as much each time that a leader with a clock which is
 * off comes and goes, and that adds up.
 */
const SET_ON_MS = 60_000;

/**
 * The clock before a lease is read that shows that the log's own clock was set back: log time goes on from where that stands now, and the partition's clock
 * as if nothing had been. Else both would stand still, and nothing be judged, until that time has come again. Any writer's newest lease shows it: all of them
 * may have begun anew under other names meanwhile.
 */
export function followSetBack(clock: PartitionClock, atMs: number): PartitionClock {
  const backMs = (newestLeaseAtMs(clock.writers) ?? atMs) - atMs;
  if (backMs < SET_BACK_MS) return clock;
  const writers = Object.entries(clock.writers).map(([key, { leaseAtMs, beats, ...writer }]) => {
    const earlier = beats.map(({ atMs: beatAtMs, offset }) => ({ atMs: beatAtMs - backMs, offset }));
    return [key, { ...writer, leaseAtMs: leaseAtMs - backMs, beats: earlier }] as const;
  });
  const setBackMs = (clock.setBackMs ?? 0) + backMs;
  return {
    ...clock,
    setBackMs,
    writers: Object.fromEntries(writers),
    ...(clock.logTimeMs !== undefined && { logTimeMs: clock.logTimeMs - backMs }),
  };
}

/**
 * Log time as if the log's clock had not been set back: what partitions are compared by, of which one may have read that it was and the others not yet,
 * and whose leaders may have clocks of their own. It never goes back.
 */
export function steadyTimeOf({ clockMs, logTimeMs = clockMs, setBackMs = 0 }: PartitionClock): number {
  return logTimeMs + setBackMs;
}

/** Log time as clock time, by how far the clock is behind now. */
export function clockTimeOf({ logTimeMs = 0, clockMs }: PartitionClock, atMs: number): number {
  return atMs - (logTimeMs - clockMs);
}
