import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FaultContext } from './fault.js';

vi.mock('node:timers/promises', () => ({ setTimeout: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)) }));
// Files that run in one process share modules: what another file has loaded does not have what is mocked here, and the other way round.
vi.resetModules();
const { kafkaFaults } = await import('./kafka.js');
afterAll(() => vi.resetModules());
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Two of three nodes are lost; `acknowledged` says how many messages have been, so long after the second was killed. */
async function loseTwo(acknowledged: (ms: number) => number, alone = true): Promise<string> {
  const killed: number[] = [];
  let secondKilledAt = Number.POSITIVE_INFINITY;
  const kafka = {
    nodeIds: [1, 2, 3],
    kill: async ([nodeId = 0]: number[]) => {
      killed.push(nodeId);
      if (killed.length === 2) secondKilledAt = Date.now();
    },
    start: async (nodeIds: number[]) => expect(nodeIds).toEqual(killed),
  };
  const ledger = {
    get progress() {
      return { acknowledged: acknowledged(Date.now() - secondKilledAt) };
    },
  };
  const context = { system: { kafka }, ledger, random: { below: () => 0, pick: ([one]: number[]) => one }, alone };
  const fault = kafkaFaults.find(({ name }) => name === 'lose-two-nodes');
  const ending = fault?.inject(context as unknown as FaultContext).then(
    () => 'injected',
    (error: Error) => error.message,
  );
  await vi.advanceTimersByTimeAsync(60_000);
  expect(killed).toHaveLength(2);
  return `${await ending}`;
}

const always = (ms: number) => Math.max(0, Math.floor(ms / 100));

it('two lost nodes of three are injected where nothing is acknowledged but what three had', async () => {
  expect(await loseTwo((ms) => Math.min(always(ms), 15))).toBe('injected');
});

it('what is acknowledged while one node of three has it is told, unless something else that goes on may be the reason', async () => {
  expect(await loseTwo(always)).toBe('20 messages were acknowledged while one node of three had them');
  expect(await loseTwo(always, false)).toBe('injected');
});
