import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../fuzz/random.js';
import { ALERT_DUE_AFTER_GRACE_MS } from './ledger/judge-alerts.js';
import type { LedgerProcess } from './ledger-process.js';

export interface QuietOptions {
  ledger: LedgerProcess;
  vehicles: readonly string[];
  graceMs: number;
  seed: number;
  say(line: string): void;
}

/** Taken away at a time: few enough to be noticed one by one. */
const TAKEN = 4;
/** From the return of some to the absence of the next. */
const BETWEEN_MS = 10_000;

/** How long one absence must be so that its alert is due, and some. */
export const absenceMs = (graceMs: number): number => graceMs + ALERT_DUE_AFTER_GRACE_MS + 5_000;

/** No faults: some vehicles are taken away for long enough to be alerts, and brought back; then others, until the time is over. */
export async function quiet(durationMs: number, { ledger, vehicles, graceMs, seed, say }: QuietOptions): Promise<void> {
  const random = new Random(seed);
  const until = Date.now() + durationMs;
  do {
    const taken = [...new Set(Array.from({ length: TAKEN }, () => random.pick(vehicles)))];
    say(`     quiet: ${taken.join(', ')} are away for ${absenceMs(graceMs) / 1_000} s`);
    await ledger.ask('takeAway', { vehicles: taken });
    await delay(absenceMs(graceMs));
    await ledger.ask('bringBack', { vehicles: taken });
    await delay(BETWEEN_MS);
  } while (Date.now() + absenceMs(graceMs) < until);
  await delay(until - Date.now());
}
