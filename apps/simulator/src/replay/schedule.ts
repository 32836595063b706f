import type { DriveFix } from '@milepost/contracts';

/** How many times faster than it was recorded; `max` waits for nothing. */
export type ReplaySpeed = number | 'max';

export function parseSpeed(text: string): ReplaySpeed | undefined {
  if (text === 'max') return 'max';
  const speed = Number(text);
  return text.trim() !== '' && Number.isFinite(speed) && speed > 0 ? speed : undefined;
}

export interface ScheduledFix {
  fix: DriveFix;
  /** When to send it, after the start. */
  dueMs: number;
  recordedAt: Date;
}

/**
 * In real time each fix is recorded when it is sent. At any other speed the drive ends now: its times lie before the start, in their own pace,
 * as a vehicle's clock cannot run faster and no fix may come from the future.
 */
export function schedule(fixes: readonly DriveFix[], speed: ReplaySpeed, startMs: number): ScheduledFix[] {
  const lengthMs = fixes.at(-1)?.atMs ?? 0;
  const beginMs = speed === 1 ? startMs : startMs - lengthMs;
  return fixes.map((fix) => ({ fix, dueMs: speed === 'max' ? 0 : fix.atMs / speed, recordedAt: new Date(beginMs + fix.atMs) }));
}
