/** An item's place in its vehicle's time. `identity` (a signed 64-bit number in decimal) decides between two of the same moment. */
export interface ItemMoment {
  recordedAtMs: number;
  identity: string;
}

/** Below zero where `a` comes first; zero for the same item. */
export function compareMoments(a: ItemMoment, b: ItemMoment): number {
  if (a.recordedAtMs !== b.recordedAtMs) return a.recordedAtMs - b.recordedAtMs;
  if (a.identity === b.identity) return 0;
  return BigInt(a.identity) < BigInt(b.identity) ? -1 : 1;
}
