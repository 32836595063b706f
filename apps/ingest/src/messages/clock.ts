import type { Fault } from '@milepost/contracts';

const DAY_MS = 86_400_000;
/** A clock further ahead than this says nothing: the item is a dead letter. */
export const futureLimitMs = DAY_MS;

export interface ClockRules {
  /** Further ahead of the receive time: stored as `clockSuspect`, and never the latest. */
  aheadLimitMs: number;
  retentionDays: number;
}

export type ClockJudgement = { kind: 'trusted' } | { kind: 'suspect' } | { kind: 'refused'; code: Fault['code']; message: string };

/** Judged against the record's Kafka timestamp, never our own clock: a replay or a backlog is judged as it was on its first day. */
export function judgeClock(recordedAtMs: number, receivedAtMs: number, { aheadLimitMs, retentionDays }: ClockRules): ClockJudgement {
  const aheadMs = recordedAtMs - receivedAtMs;
  if (aheadMs > futureLimitMs) {
    return {
      kind: 'refused',
      code: 'recorded_in_future',
      message: `is ${seconds(aheadMs)} s after it was received; at most a day is believed`,
    };
  }
  if (aheadMs > aheadLimitMs) return { kind: 'suspect' };
  if (-aheadMs > retentionDays * DAY_MS) {
    return {
      kind: 'refused',
      code: 'recorded_too_old',
      message: `is more than the ${retentionDays} days before it was received that are kept`,
    };
  }
  return { kind: 'trusted' };
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
