import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { VehicleLink } from './link/vehicle-link.js';
import { createRandom } from './random.js';
import { SimulatedVehicle } from './simulated-vehicle.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** When the vehicle loses its network in two hours, and for how long. */
async function losses(REPORT_INTERVAL_MS: number, seed = '1'): Promise<[atMs: number, forMs: number][]> {
  const lost: [number, number][] = [];
  const beganMs = Date.now();
  const loseNetwork = (forMs: number) => void lost.push([Date.now() - beganMs, forMs]);
  const link = { send: () => undefined, loseNetwork, run: async () => undefined, stop: async () => undefined };
  const settings = { DIAGNOSTICS_INTERVAL_MS: 30_000, NETWORK_LOSS_SHARE: 1, NETWORK_LOSS_EVERY_S: 300, NETWORK_LOSS_SECONDS: 20 };
  const vehicle = new SimulatedVehicle(link as unknown as VehicleLink, { ...settings, REPORT_INTERVAL_MS }, createRandom(seed));
  vehicle.start();
  await vi.advanceTimersByTimeAsync(2 * 3_600_000);
  await vehicle.stop();
  return lost;
}

test('the same seed loses the same networks, however many fixes come between, and another seed others', async () => {
  const first = await losses(2_000);
  expect(first.length).toBeGreaterThan(5);
  expect(await losses(3_100)).toEqual(first);
  expect(await losses(2_000, '2')).not.toEqual(first);
});
