import { type DisconnectCause, disconnectCauses } from '@milepost/contracts';
import { isOfNode } from '../policy/policy.js';

/** Within so long of a vehicle's loss others count with it; alerts opened so long before an incident join it. */
export const STORM_WINDOW_MS = 60_000;

/** Share of those connected before, above which a loss is no single vehicle's. */
const STORM_SHARE = 0.1;

/**
 * How a vehicle was lost: with its node, by itself, or because it was put out. A restart of a broker loses thousands that come back, and
 * says nothing of a vehicle whose contact broke at that moment; their graces differ too.
 */
const kindOf = (cause: DisconnectCause): 'node' | 'put_out' | 'vehicle' => {
  if (isOfNode(cause)) return 'node';
  return cause === 'revoked' || cause === 'certificate_expired' ? 'put_out' : 'vehicle';
};

/** Causes whose losses count for a vehicle lost by this one: those of the same kind. */
export function causesCountedWith(cause: DisconnectCause): DisconnectCause[] {
  return disconnectCauses.filter((other) => kindOf(other) === kindOf(cause));
}

/** Vehicles lost in one second that are still away, by causes that count, on a node or in an organisation. */
export interface LossCount {
  atMs: number;
  away: number;
}

export interface Losses {
  counts: readonly LossCount[];
  /** How many were connected there before: those who are and lost no contact in that time, and those who lost it. */
  connectedBefore: number;
}

/** So many connected before, or more: then losses of so many are no storm. */
export const connectedForNoStorm = (away: number): number => Math.ceil(away / STORM_SHARE) + 1;

/**
 * Whether a vehicle lost at this time is one of many: more than max(minimum, 10 % of those connected there before) that were lost
 * in the same way within a minute of it are still away. Whoever came back first is not counted.
 */
export function isStorm({ counts, connectedBefore }: Losses, lostAtMs: number, minimum: number): boolean {
  const near = counts.filter(({ atMs }) => Math.abs(atMs - Math.floor(lostAtMs / 1_000) * 1_000) <= STORM_WINDOW_MS);
  const away = near.reduce((sum, count) => sum + count.away, 0);
  return away > Math.max(minimum, connectedBefore * STORM_SHARE);
}
