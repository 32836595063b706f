/** Within so long of a vehicle's loss others count with it; alerts opened so long before an incident join it. */
export const STORM_WINDOW_MS = 60_000;

/** Share of those connected before, above which a loss is no single vehicle's. */
const STORM_SHARE = 0.1;

/** Losses of one second, on a node or in an organisation. */
export interface LossCount {
  atMs: number;
  lost: number;
  /** Of them, those that are still away. */
  away: number;
}

export interface Losses {
  counts: readonly LossCount[];
  /** Connected there, and not among those counted. */
  steady: number;
}

/**
 * Whether a vehicle lost at this time is one of many: more than max(minimum, 10 % of those connected there before) that were lost
 * within a minute of it are still away. Whoever came back first is not counted.
 */
export function isStorm({ counts, steady }: Losses, lostAtMs: number, minimum: number): boolean {
  const near = counts.filter(({ atMs }) => Math.abs(atMs - Math.floor(lostAtMs / 1_000) * 1_000) <= STORM_WINDOW_MS);
  const away = near.reduce((sum, count) => sum + count.away, 0);
  const before = steady + counts.reduce((sum, count) => sum + count.lost, 0);
  return away > Math.max(minimum, before * STORM_SHARE);
}
