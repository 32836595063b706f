import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from './faults/fault.js';
import type { LedgerProcess } from './ledger-process.js';
import type { Window } from './outcome.js';
import type { Injection, Plan } from './plan.js';
import { untilRecovered } from './recovery.js';
import type { System } from './system/system.js';

const CALM_MS = { least: 500, spread: 2_500 };

export interface StormOptions {
  system: System;
  ledger: LedgerProcess;
  plan: Plan;
  /** Faults at work at the same time. */
  lanes: number;
  say(line: string): void;
}

/** Injects the rest of the plan's round, and sees everything flow again after each. */
export async function storm({ system, ledger, plan, lanes, say }: StormOptions): Promise<Window[]> {
  const busy = new Set<Target>();
  const windows: Window[] = [];
  const wakers = new Set<() => void>();

  const lane = async () => {
    for (;;) {
      if (plan.isRoundOver) return;
      const injection = plan.take(busy);
      if (injection === undefined) {
        // What is left touches what others have in their hands.
        await new Promise<void>((resolve) => wakers.add(resolve));
        continue;
      }
      const { targets } = injection.fault;
      const alone = busy.size === 0 && lanes === 1;
      for (const target of targets) busy.add(target);
      const window = await inject(injection, { system, ledger, alone });
      for (const target of targets) busy.delete(target);
      for (const wake of wakers) wake();
      wakers.clear();
      windows.push(window);
      say(line(window));
      await delay(CALM_MS.least + injection.random.below(CALM_MS.spread));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return windows;
}

async function inject(
  { fault, number, random }: Injection,
  { system, ledger, alone }: { system: System; ledger: LedgerProcess; alone: boolean },
): Promise<Window> {
  const from = Date.now();
  const before = ledger.progress.acknowledged;
  const failed = await attempt(() => fault.inject({ system, ledger, random, number, alone }));
  const recoveryMs = await untilRecovered(system, ledger, fault.targets);
  // No vehicle notices that alerts or webhooks stand still.
  const concernsAll = fault.targets.includes('kafka') || fault.targets.includes('postgres');
  const failure = failed ?? (concernsAll ? await attempt(() => system.untilReady()) : undefined);
  return {
    ...{ fault: fault.name, number, alone, from, to: Date.now() },
    acknowledged: ledger.progress.acknowledged - before,
    longestStallMs: ledger.longestStallMs(from),
    ...(recoveryMs !== undefined && { recoveryMs }),
    ...(failure !== undefined && { failure }),
  };
}

/** What went wrong. */
async function attempt(act: () => Promise<void>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function line({ fault, number, alone, from, to, acknowledged, longestStallMs, recoveryMs, failure }: Window): string {
  const seconds = (ms: number) => (ms / 1_000).toFixed(1).padStart(5);
  const end = recoveryMs === undefined ? 'nothing flowed again' : `flowing again after ${seconds(recoveryMs)} s`;
  const what = `${String(number).padStart(4)} ${fault.padEnd(20)} ${alone ? 'alone' : 'mixed'} ${seconds(to - from)} s`;
  return `${what}, ${String(acknowledged).padStart(6)} acknowledged, longest stall ${seconds(longestStallMs)} s, ${failure ?? end}`;
}
