import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@milepost/test-support';
import type { AppName, KeptApp } from '../system/kept-app.js';
import type { System } from '../system/system.js';
import type { Fault, FaultContext } from './fault.js';

const appNames: readonly AppName[] = ['broker', 'ingest', 'alerts', 'webhooks', 'api'];

const between = ({ random }: Pick<FaultContext, 'random'>, leastMs: number, mostMs: number) => leastMs + random.below(mostMs - leastMs);

function oneOf({ system, random }: FaultContext, name: AppName): KeptApp {
  return random.pick(system.apps(name));
}

const RESTART_TIMEOUT_MS = 20_000;

/** To the app's process; one that is on its way up again is waited for. @throws when none comes: the fault would do nothing. */
async function hit(app: KeptApp, signal: NodeJS.Signals): Promise<void> {
  await eventually(
    () => {
      if (!app.signal(signal)) throw new Error(`${app.label} does not run`);
    },
    { timeoutMs: RESTART_TIMEOUT_MS },
  );
}

/** Twice in a row, the second time while it is on its way up or has just come. */
const kill = (name: AppName): Fault => ({
  name: `kill-${name}`,
  does: `kill -9 of ${name}, twice`,
  targets: [name],
  inject: async (context) => {
    await hit(oneOf(context, name), 'SIGKILL');
    await delay(between(context, 500, 4_000));
    await hit(oneOf(context, name), 'SIGKILL');
    await delay(500);
    await Promise.all(context.system.apps(name).map((app) => app.untilReady()));
  },
});

const rollingRestart: Fault = {
  name: 'rolling-restart',
  does: 'SIGTERM to every process in turn, each when the one before is ready again',
  targets: appNames,
  inject: async ({ system }) => {
    for (const name of appNames) {
      for (const app of system.apps(name)) {
        await hit(app, 'SIGTERM');
        await eventually(
          async () => {
            if (await app.isReady()) throw new Error(`${app.label} does not end`);
          },
          { timeoutMs: 20_000 },
        );
        await app.untilReady();
      }
    }
  },
};

const freeze = (name: 'broker' | 'alerts', leastMs: number, mostMs: number): Fault => ({
  name: `freeze-${name}`,
  does: `SIGSTOP of ${name} for ${leastMs / 1_000} to ${mostMs / 1_000} s, then SIGCONT`,
  targets: [name],
  inject: async (context) => {
    const app = oneOf(context, name);
    await hit(app, 'SIGSTOP');
    await delay(between(context, leastMs, mostMs));
    app.signal('SIGCONT');
  },
});

const NEWCOMER_TIMEOUT_MS = 10_000;
/** While Kafka or the broker is away as well, what a newcomer sends does not come to ingest: then another one is asked for. */
const NEWCOMERS = 6;

/**
 * A zombie with work in its hands: every ingest process is frozen while one waits for the registry's lock with a batch fetched and nothing
 * written; another process takes their partitions and goes on; then they wake up.
 */
const freezeIngest: Fault = {
  name: 'freeze-ingest',
  does: 'SIGSTOP of all ingest processes with a batch in hand; another takes over; SIGCONT',
  targets: ['ingest', 'postgres'],
  inject: async (context) => {
    const { system } = context;
    const frozen = [...system.apps('ingest')];
    await freezeWithBatch(context, frozen);
    const successor = await system.launch('ingest');
    await delay(between(context, 9_000, 12_000));
    for (const app of frozen) app.signal('SIGCONT');
    await delay(2_000);
    await system.retire(successor);
  },
};

/** @throws when none of them has ever waited with a batch: frozen without one it would prove nothing when it wakes up. */
async function freezeWithBatch({ system, ledger, number }: FaultContext, apps: readonly KeptApp[]): Promise<void> {
  for (let newcomer = 1; ; newcomer += 1) {
    const lock = await system.database.connect();
    try {
      await lock.query('begin; lock table vehicles in share row exclusive mode');
      const [identity] = await system.identities([`newcomer-${number}-${newcomer}`]);
      if (identity) await ledger.ask('join', { identity });
      await untilIngestWaits(system);
      for (const app of apps) app.signal('SIGSTOP');
      return;
    } catch (error) {
      if (newcomer === NEWCOMERS) throw error;
    } finally {
      await lock.query('commit').catch(() => undefined);
      lock.release();
    }
  }
}

async function untilIngestWaits(system: System): Promise<void> {
  await eventually(
    async () => {
      const { rowCount } = await system.database.query(
        `select from pg_stat_activity where application_name = 'milepost-ingest' and wait_event = 'relation'`,
      );
      if (rowCount === 0) throw new Error('No ingest process waits for the registry');
    },
    { timeoutMs: NEWCOMER_TIMEOUT_MS, everyMs: 20 },
  );
}

const scaleIngest: Fault = {
  name: 'scale-ingest',
  does: 'two ingest processes more, then two others less',
  targets: ['ingest'],
  inject: async (context) => {
    const { system, random } = context;
    const before = [...system.apps('ingest')];
    await Promise.all([system.launch('ingest'), system.launch('ingest')]);
    await delay(between(context, 1_000, 4_000));
    for (const app of before) {
      if (!(await system.retire(app))) throw new Error(`${app.label} did not end within its time after SIGTERM`);
      await delay(random.below(2_000));
    }
  },
};

export const processFaults: readonly Fault[] = [
  ...appNames.map(kill),
  rollingRestart,
  freeze('broker', 6_000, 14_000),
  freezeIngest,
  freeze('alerts', 8_000, 14_000),
  scaleIngest,
];
