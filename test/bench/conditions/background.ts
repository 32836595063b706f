import type { World } from './world.js';

/** Vehicles that share the rate. */
const vehicles = 50;
const place = { latitude: 48, longitude: 9 };

/** Other vehicles that report where they are meanwhile, far from every geofence: each fix is set aside and judged too. */
export interface Background {
  /** Sent so far. */
  sent(): number;
  stop(): Promise<void>;
}

/** @param rate fixes a second in all; 0 for none */
export async function startBackground(world: World, rate: number): Promise<Background> {
  const ids = rate === 0 ? [] : Array.from({ length: vehicles }, (_, n) => `bench-other-${n}`);
  const connected = await Promise.all(ids.map(async (id) => world.connect(await world.identity(id))));
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    // As many as are due by now: a timer that comes late does not lower the rate.
    for (const due = Math.floor(((performance.now() - startedAt) / 1_000) * rate); sent < due; sent += 1)
      connected[sent % connected.length]?.send('location', { recordedAt: Date.now(), sequence: sent, ...place });
  }, 10);
  return {
    sent: () => sent,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(connected.map((vehicle) => vehicle.close()));
    },
  };
}
