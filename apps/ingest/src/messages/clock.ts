import type { Fault } from '@milepost/contracts';
import { instantMs } from './instant.js';

const HOUR_MS = 3_600_000;
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
      message: `is more than ${span(aheadMs)} after it was received; at most a day is believed`,
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

/** As `judgeClock` does, of a time as it was sent: many clocks count seconds. */
export function judgeRecordedAt(recordedAt: string | number, receivedAtMs: number, rules: ClockRules): ClockJudgement {
  const judgement = judgeClock(instantMs(recordedAt), receivedAtMs, rules);
  if (judgement.kind !== 'refused' || typeof recordedAt !== 'number') return judgement;
  if (judgeClock(recordedAt * 1_000, receivedAtMs, rules).kind === 'refused') return judgement;
  return { ...judgement, message: `${judgement.message}; it looks like seconds, and milliseconds since 1970 are wanted` };
}

/** Of more than a day. */
function span(ms: number): string {
  return ms < 2 * DAY_MS ? `${Math.floor(ms / HOUR_MS)} hours` : `${Math.floor(ms / DAY_MS)} days`;
}
