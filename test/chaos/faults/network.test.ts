import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FaultContext } from './fault.js';

vi.mock('node:timers/promises', () => ({ setTimeout: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)) }));
// Files that run in one process share modules: what another file has loaded does not have what is mocked here, and the other way round.
vi.resetModules();
const { networkFaults } = await import('./network.js');
afterAll(() => vi.resetModules());
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Cuts of the network: `connections` says how many there are at a time. */
async function cuts(connections: (ms: number) => number): Promise<string> {
  const startedAtMs = Date.now();
  const proxy = { cut: () => connections(Date.now() - startedAtMs) };
  const cut = networkFaults.find(({ name }) => name === 'cut-network');
  const injected = cut?.inject({ system: { proxy }, random: { oneIn: () => true } } as unknown as FaultContext);
  const ending = injected?.then(
    () => 'injected',
    (error: Error) => error.message,
  );
  await vi.advanceTimersByTimeAsync(120_000);
  return `${await ending}`;
}

it.each([
  ['from the start', () => 5, 'injected'],
  ['again after 20 s, when the broker is back', (ms: number) => (ms > 20_000 ? 5 : 0), 'injected'],
  ['never', () => 0, 'There was no connection to hit'],
])('a cut of a network with connections %s', async (_when, connections, ending) => {
  expect(await cuts(connections)).toBe(ending);
});
