import { steadyTimeOf } from '../clock/partition-clock.js';
import type { PresencePartition } from '../presence-partition.js';

/** The steady time to which all partitions but this one have been consumed; undefined while one of them has no clock. */
export function consumedToMs(partitions: readonly PresencePartition[], presence: PresencePartition): number | undefined {
  const others = partitions.filter((other) => other !== presence).map(({ clock }) => clock);
  if (others.some(({ logTimeMs }) => logTimeMs === undefined)) return undefined;
  return Math.min(Number.POSITIVE_INFINITY, ...others.map(steadyTimeOf));
}
