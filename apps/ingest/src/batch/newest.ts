/** A thing's place in its vehicle's time; `identity` decides between two of the same moment, so that the order of arrival never does. */
export interface Moment {
  recordedAtMs: number;
  identity: bigint;
}

export function isNewer(a: Moment, b: Moment | undefined): boolean {
  return b === undefined || a.recordedAtMs > b.recordedAtMs || (a.recordedAtMs === b.recordedAtMs && a.identity > b.identity);
}
