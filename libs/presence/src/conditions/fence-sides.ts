import type { FactPosition } from '@milepost/contracts';
import type { ConditionPolicy } from './condition-policy.js';
import { type Geofence, type Side, sideOf } from './geofence.js';
import type { ItemMoment } from './item-moment.js';

/** On which side of a fence a vehicle is. */
export interface FenceSide {
  side: Exclude<Side, 'unsure'> | 'unknown';
  /** Fixes in a row that say otherwise, and what they say. */
  against: number;
  toward?: Exclude<Side, 'unsure'>;
  /** It came from the other side: the first side that is known is no crossing. */
  crossed?: CrossedAt;
  /** Of the fence when this became known; one that holds since another moment begins anew. */
  sinceMs?: number;
}

/** The fix that decided. */
export interface CrossedAt {
  atMs: number;
  position: FactPosition;
}

/** By fence. */
export type FenceSides = Readonly<Record<string, FenceSide>>;

const unknownSide = ({ sinceMs }: Geofence): FenceSide => ({ side: 'unknown', against: 0, sinceMs });

/** One fix, for all fences. The same object where nothing changes. */
export function readFix(
  sides: FenceSides,
  fix: FactPosition,
  moment: ItemMoment,
  fences: readonly Geofence[],
  policy: ConditionPolicy['geofence'],
): FenceSides {
  let next: Record<string, FenceSide> | undefined;
  for (const fence of fences) {
    if (moment.recordedAtMs < fence.sinceMs) continue;
    const before = sides[fence.id] ?? unknownSide(fence);
    const after = readSide(before, sideOf(fence, fix, policy), fix, moment, policy.fixes);
    if (after === before) continue;
    next ??= { ...sides };
    next[fence.id] = after;
  }
  return next ?? sides;
}

function readSide(before: FenceSide, seen: Side, fix: FactPosition, { recordedAtMs }: ItemMoment, fixes: number): FenceSide {
  // A fix at the edge speaks neither for a crossing nor against one.
  if (seen === 'unsure') return before;
  if (seen === before.side) {
    if (before.against === 0) return before;
    const { toward: _, ...rest } = before;
    return { ...rest, against: 0 };
  }
  const against = before.toward === seen ? before.against + 1 : 1;
  if (against < fixes) return { ...before, against, toward: seen };
  const crossed = before.side === 'unknown' ? undefined : { atMs: recordedAtMs, position: fix };
  const { sinceMs } = before;
  return { side: seen, against: 0, ...(crossed && { crossed }), ...(sinceMs !== undefined && { sinceMs }) };
}

/** Without the fences that are gone, and without those that were off, or not the vehicle's, in between. The same object where nothing changes. */
export function withoutOtherFences(sides: FenceSides, fences: readonly Geofence[]): FenceSides {
  const since = new Map(fences.map(({ id, sinceMs }) => [id, sinceMs]));
  let changed = false;
  const kept: Record<string, FenceSide> = {};
  for (const [id, side] of Object.entries(sides)) {
    const sinceMs = since.get(id);
    // Sides that were stored before this was kept are of the fence as it is; once they say so, they end with it.
    if (sinceMs !== undefined && side.sinceMs === undefined) kept[id] = { ...side, sinceMs };
    else if (sinceMs !== undefined && side.sinceMs === sinceMs) kept[id] = side;
    changed ||= kept[id] !== side;
  }
  return changed ? kept : sides;
}
