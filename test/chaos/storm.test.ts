import { afterAll, expect, test, vi } from 'vitest';
import type { Fault, Target } from './faults/fault.js';
import type { LedgerProcess } from './ledger-process.js';
import { Plan } from './plan.js';
import type { System } from './system/system.js';

vi.mock('./recovery.js', () => ({ untilRecovered: async () => 7 }));
vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));
// Files that run in one process share modules: what another file has loaded does not have what is mocked here, and the other way round.
vi.resetModules();
const { storm } = await import('./storm.js');
afterAll(() => vi.resetModules());

const ledger = { progress: { acknowledged: 0 }, longestStallMs: () => 0 } as unknown as LedgerProcess;
const system = {
  untilReady: async () => {
    throw new Error('alerts-2 is not ready');
  },
} as unknown as System;

async function failureOf(target: Target): Promise<string | undefined> {
  const fault: Fault = { name: 'a', does: '', targets: [target], inject: async () => undefined };
  const plan = new Plan(1, [fault]);
  plan.nextRound();
  const [window] = await storm({ system, ledger, plan, lanes: 1, say: () => undefined });
  expect(window).toMatchObject({ fault: 'a', alone: true, recoveryMs: 7 });
  return window?.failure;
}

test.each(['kafka', 'postgres'] as const)(
  'after a fault of %s every app must be ready again, also where no vehicle notices',
  async (target) => {
    expect(await failureOf(target)).toBe('alerts-2 is not ready');
  },
);

test('after a fault of one app, another one is not asked', async () => {
  expect(await failureOf('api')).toBeUndefined();
});
