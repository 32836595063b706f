import { setTimeout as delay } from 'node:timers/promises';
import { topics } from '@milepost/contracts';
import type { Fault } from './faults/fault.js';
import type { LedgerProcess } from './ledger-process.js';
import type { AppName } from './system/kept-app.js';
import type { System } from './system/system.js';

const TIMEOUT_MS = 150_000;
const POLL_MS = 100;
/** Of the vehicles that should be connected: one or the other is always on its way back from somewhere. */
const FLOWING_SHARE = 0.95;
const apps: ReadonlySet<string> = new Set<AppName>(['broker', 'ingest', 'alerts', 'webhooks', 'api']);

/**
 * Waits until what is published now is acknowledged to (nearly) every vehicle, rows are written from every partition of the log, and the
 * apps in question are ready. Resolves with the time that took; undefined when it takes too long.
 */
export async function untilRecovered(system: System, ledger: LedgerProcess, targets: Fault['targets']): Promise<number | undefined> {
  const liftedAt = performance.now();
  await ledger.lifted();
  let before: ReadonlyMap<number, bigint> | undefined;
  const rowsFlow = async (): Promise<boolean> => {
    const now = await system.storedPositions(topics.location);
    before ??= now;
    const start = before;
    return [...now].every(([partition, position]) => position > (start.get(partition) ?? 0n));
  };
  const named = targets.filter((target): target is AppName => apps.has(target));
  let rows = false;
  let ready = false;
  while (performance.now() - liftedAt < TIMEOUT_MS) {
    rows ||= await rowsFlow().catch(() => false);
    ready ||= (await Promise.all(named.flatMap((name) => system.apps(name).map((app) => app.isReady())))).every(Boolean);
    const { flowing, expected } = ledger.progress;
    if (rows && ready && flowing >= expected * FLOWING_SHARE) return performance.now() - liftedAt;
    await delay(POLL_MS);
  }
  return undefined;
}
