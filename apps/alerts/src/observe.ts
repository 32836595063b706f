import type { PresenceState } from '@milepost/contracts';
import type { Held } from './consume/partition-writer.js';
import type { Observed } from './metrics.js';

/** What the metrics say of the partitions held now. */
export function observe(states: ReadonlyMap<number, Held>): Observed {
  const vehicles = new Map<PresenceState, number>();
  const clocks: Observed['clocks'][number][] = [];
  let deadlines = 0;
  for (const [partition, { presence, snapshotAtMs, deadlinesHeld }] of states) {
    for (const { presence: now } of presence.vehicles()) vehicles.set(now.kind, (vehicles.get(now.kind) ?? 0) + 1);
    deadlines += presence.deadlines;
    const { logTimeMs, clockMs } = presence.clock;
    if (logTimeMs !== undefined)
      clocks.push({
        partition,
        behindLogMs: logTimeMs - clockMs,
        logTimeMs,
        ...(snapshotAtMs !== undefined && { snapshotAtMs }),
        deadlinesHeld,
      });
  }
  return { vehicles, deadlines, clocks };
}
