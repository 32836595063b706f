import type { PresenceState } from '@milepost/contracts';
import type { PresencePartition } from '@milepost/presence';
import type { Observed } from './metrics.js';

/** What the metrics say of the partitions held now. */
export function observe(states: ReadonlyMap<number, PresencePartition>): Observed {
  const vehicles = new Map<PresenceState, number>();
  const clocks: Observed['clocks'][number][] = [];
  let deadlines = 0;
  for (const [partition, presence] of states) {
    for (const { presence: now } of presence.vehicles()) vehicles.set(now.kind, (vehicles.get(now.kind) ?? 0) + 1);
    deadlines += presence.deadlines;
    const { logTimeMs, clockMs } = presence.clock;
    if (logTimeMs !== undefined) clocks.push({ partition, behindLogMs: logTimeMs - clockMs, logTimeMs });
  }
  return { vehicles, deadlines, clocks };
}
