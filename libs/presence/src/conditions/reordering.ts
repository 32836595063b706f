import { compareMoments, type ItemMoment } from './item-moment.js';

/** So many of the newest items may still come in any order; what is older than all of them is too late to matter. */
export const REORDERED_ITEMS = 16;

export interface Placed<T> extends ItemMoment {
  value: T;
}

/**
 * A fold over items in the order of recordedAt, though they come in any: `head` is what is so after the newest item, `base` what was so
 * before the oldest of the tail. Plain JSON.
 */
export interface Reordering<T, S> {
  base: S;
  /** Of the newest item that is in `base`. */
  baseAt?: ItemMoment;
  tail: Placed<T>[];
  head: S;
}

export type Step<T, S> = (state: S, value: T, moment: ItemMoment) => S;

export const unordered = <T, S>(state: S): Reordering<T, S> => ({ base: state, tail: [], head: state });

export type Taken<T, S> = { kind: 'taken'; fold: Reordering<T, S> } | { kind: 'repeated' } | { kind: 'late' };

/** Takes one item to its place. A repeated one and one that is older than what is kept change nothing. */
export function takeItem<T, S>(fold: Reordering<T, S>, item: Placed<T>, step: Step<T, S>): Taken<T, S> {
  const { baseAt, tail } = fold;
  if (baseAt !== undefined && compareMoments(item, baseAt) <= 0) return { kind: 'late' };
  let at = tail.length;
  while (at > 0) {
    const before = tail[at - 1];
    if (before === undefined) break;
    const order = compareMoments(before, item);
    if (order === 0) return { kind: 'repeated' };
    if (order < 0) break;
    at -= 1;
  }
  const isNewest = at === tail.length;
  const next = [...tail.slice(0, at), item, ...tail.slice(at)];
  const head = isNewest ? step(fold.head, item.value, item) : next.reduce((state, placed) => step(state, placed.value, placed), fold.base);
  const oldest = next.length > REORDERED_ITEMS ? next.shift() : undefined;
  if (oldest === undefined) return { kind: 'taken', fold: { ...fold, tail: next, head } };
  const { recordedAtMs, identity } = oldest;
  return { kind: 'taken', fold: { base: step(fold.base, oldest.value, oldest), baseAt: { recordedAtMs, identity }, tail: next, head } };
}
