export interface PresenceClock {
  /** How far alerts has judged the partition, in log time (ms since 1970). */
  logTimeMs: number;
  /** The clock in which graces run. It lies behind log time by all the outages that there ever were, and moves when log time does. */
  clockMs: number;
}

/** Of each partition of the presence log; undefined: alerts has judged nothing of it yet. */
export type PresenceClocks = readonly (PresenceClock | undefined)[];

export interface PipelineState {
  nowMs: number;
  /** How long ago the last message had gone from the vehicle to the API. */
  loopAgeMs: number | undefined;
  clocks: PresenceClocks;
  /** Those of the heartbeat before. */
  clocksBefore: PresenceClocks | undefined;
}

/** Log time that is this far behind does not advance: vehicles' connections, or their leases, move it every few seconds. */
const MAX_LAG_MS = 30_000;

/** Why there may be no heartbeat; empty when the pipeline works from end to end. */
export function faultsOf({ nowMs, loopAgeMs, clocks, clocksBefore }: PipelineState, maxLoopAgeMs: number): string[] {
  const faults: string[] = [];
  if (loopAgeMs === undefined) faults.push('no message of the canary has come through yet');
  else if (loopAgeMs > maxLoopAgeMs) faults.push(`no message of the canary has come through for ${seconds(loopAgeMs)}`);
  if (clocks.length === 0) faults.push('the partitions of the presence log are not known');
  for (const [partition, clock] of clocks.entries()) {
    const before = clocksBefore?.[partition];
    if (clock === undefined) faults.push(`alerts has judged nothing of presence partition ${partition}`);
    else if (nowMs - clock.logTimeMs > MAX_LAG_MS)
      faults.push(`the log time of presence partition ${partition} is ${seconds(nowMs - clock.logTimeMs)} behind`);
    else if (before !== undefined && clock.clockMs <= before.clockMs)
      faults.push(`the clock of presence partition ${partition} stands still`);
  }
  return faults;
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;
