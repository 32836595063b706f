import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FaultContext } from './fault.js';

vi.mock('node:timers/promises', () => ({ setTimeout: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)) }));
// Files that run in one process share modules: what another file has loaded does not have what is mocked here, and the other way round.
vi.resetModules();
const { processFaults } = await import('./processes.js');
afterAll(() => vi.resetModules());
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** An app that is back so long after it was killed; what hit it. */
function app(awayMs: number) {
  const hits: string[] = [];
  let isRunning = true;
  const signal = (name: string) => {
    if (!isRunning) return false;
    hits.push(name);
    if (name !== 'SIGKILL') return true;
    isRunning = false;
    setTimeout(() => {
      isRunning = true;
    }, awayMs);
    return true;
  };
  return { hits, signal, label: 'app-1', untilReady: async () => undefined };
}

async function injected(name: string, system: object, ledger: object = {}): Promise<string> {
  const context = { system, ledger, random: { below: () => 0, pick: ([one]: unknown[]) => one }, number: 9 } as unknown as FaultContext;
  const ending = processFaults.find((fault) => fault.name === name)?.inject(context);
  const outcome = ending?.then(
    () => 'injected',
    (error: Error) => error.message,
  );
  await vi.advanceTimersByTimeAsync(120_000);
  return `${await outcome}`;
}

test('an app is killed twice, also when it takes its time to start again', async () => {
  const slow = app(3_000);
  expect(await injected('kill-api', { apps: () => [slow] })).toBe('injected');
  expect(slow.hits).toEqual(['SIGKILL', 'SIGKILL']);
});

test('what hits nothing was not injected', async () => {
  const gone = app(3_600_000);
  expect(await injected('kill-api', { apps: () => [gone] })).toBe('app-1 does not run');
  expect(await injected('freeze-alerts', { apps: () => [gone] })).toBe('app-1 does not run');
  expect(gone.hits).toEqual(['SIGKILL']);
});

/** Ingest waits for the registry, with a batch in hand, from this newcomer on. */
async function frozenIngest(fromNewcomer: number) {
  const ingest = app(0);
  const newcomers: string[] = [];
  const locks: string[] = [];
  const system = {
    apps: () => [ingest],
    identities: async ([vehicleId]: string[]) => [{ vehicleId }],
    launch: async () => app(0),
    retire: async () => true,
    database: {
      connect: async () => ({ query: async (sql: string) => void locks.push(sql.slice(0, 6)), release: () => undefined }),
      query: async () => ({ rowCount: newcomers.length >= fromNewcomer ? 1 : 0 }),
    },
  };
  const ledger = {
    ask: async (_name: string, order: { identity: { vehicleId: string } }) => void newcomers.push(order.identity.vehicleId),
  };
  const ending = await injected('freeze-ingest', system, ledger);
  expect(locks.filter((sql) => sql === 'commit')).toHaveLength(newcomers.length);
  return { ending, newcomers, hits: ingest.hits };
}

test('ingest is frozen with a batch in hand, of another newcomer where the first was not heard', async () => {
  const newcomers = ['newcomer-9-1', 'newcomer-9-2', 'newcomer-9-3'];
  expect(await frozenIngest(3)).toEqual({ ending: 'injected', newcomers, hits: ['SIGSTOP', 'SIGCONT'] });
});

test('ingest without a batch in hand is not frozen: that would prove nothing', async () => {
  expect(await frozenIngest(99)).toMatchObject({ ending: 'No ingest process waits for the registry', hits: [] });
});
