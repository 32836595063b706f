import type { AlertType } from '@milepost/contracts';
import type { PresencePolicy } from '../policy/policy.js';

/** An open alert and whether somebody was told of it. Clock time, but for when it opened. */
export interface PendingNotice {
  /** Log time. */
  openedAtMs: number;
  /** Since when what it is about lasts. */
  sinceMs: number;
  /** When it was last told. */
  toldMs?: number;
  /** When it is to be told next; without it, not before something changes. */
  dueAtMs?: number;
}

/** Losses have a length from which on they matter; the others are told at once. */
const lasting: ReadonlySet<AlertType> = new Set(['offline', 'silent']);

/** When the policy wants it told next: first, or again. */
export function noticeDueAtMs(
  type: AlertType,
  { sinceMs, toldMs }: PendingNotice,
  { minimumOutageMs, renotifyMs }: PresencePolicy,
): number | undefined {
  if (toldMs === undefined) return lasting.has(type) ? sinceMs + minimumOutageMs : sinceMs;
  return renotifyMs > 0 ? toldMs + renotifyMs : undefined;
}
