import type { PresencePartition } from '../presence-partition.js';

/** The log time to which all partitions but this one have been consumed; undefined while one of them has no clock. */
export function consumedToMs(partitions: readonly PresencePartition[], presence: PresencePartition): number | undefined {
  const others = partitions.filter((other) => other !== presence).map(({ clock }) => clock.logTimeMs);
  return others.some((time) => time === undefined) ? undefined : Math.min(Number.POSITIVE_INFINITY, ...others.map((time) => time ?? 0));
}
