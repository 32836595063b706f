/** How long an incident goes on, in ms of the clock of the partition that tends it. */
export interface IncidentLimits {
  /** After most members have returned. */
  settledMs: number;
  /** After it opened. */
  maxMs: number;
}

/** Members that must have returned before the rest are alerts of their own. */
const MOSTLY_BACK_SHARE = 0.9;

export interface IncidentAtHand {
  openedClockMs: number;
  mostlyBackClockMs?: number;
  vehicles: number;
  returned: number;
}

export type Course = { kind: 'open'; mostlyBackClockMs?: number } | { kind: 'close' };

/** Where an incident stands now. Should members be lost again before it closes, the wait begins anew. */
export function courseOf(
  { openedClockMs, mostlyBackClockMs, vehicles, returned }: IncidentAtHand,
  clockMs: number,
  limits: IncidentLimits,
): Course {
  if (clockMs - openedClockMs >= limits.maxMs) return { kind: 'close' };
  if (returned < vehicles * MOSTLY_BACK_SHARE) return { kind: 'open' };
  const since = mostlyBackClockMs ?? clockMs;
  return clockMs - since >= limits.settledMs ? { kind: 'close' } : { kind: 'open', mostlyBackClockMs: since };
}
