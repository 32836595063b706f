import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { System } from '../system/system.js';
import type { Fault } from './fault.js';

const OURS = `application_name like 'milepost-%' and application_name <> 'milepost-chaos' and pid <> pg_backend_pid()`;

const stop: Fault = {
  name: 'stop-postgres',
  does: 'Postgres stopped for 5 to 12 s',
  targets: ['postgres'],
  inject: async ({ system: { postgres }, random }) => {
    await postgres.stop();
    await delay(5_000 + random.below(7_000));
    await postgres.start();
  },
};

const restart: Fault = {
  name: 'restart-postgres',
  does: 'Postgres stopped and started at once',
  targets: ['postgres'],
  inject: async ({ system: { postgres } }) => {
    await postgres.stop();
    await postgres.start();
  },
};

const cut: Fault = {
  name: 'cut-postgres',
  does: 'every connection of every app to Postgres ended by the server, five times in 6 s',
  targets: ['postgres'],
  inject: ({ system }) => again(system, `select pg_terminate_backend(pid) from pg_stat_activity where ${OURS}`, 5, 1_200),
};

const cancel: Fault = {
  name: 'cancel-statement',
  does: 'every running statement of every app cancelled, thirty times in 6 s',
  targets: ['postgres'],
  inject: ({ system }) => again(system, `select pg_cancel_backend(pid) from pg_stat_activity where state = 'active' and ${OURS}`, 30, 200),
};

/** While Kafka stands still as well, no app writes: then the fault goes on until it has hit something, for so long. */
const PATIENCE_MS = 90_000;

async function again({ database }: System, query: string, times: number, everyMs: number): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  let hit = 0;
  for (let n = 0; n < times || (hit === 0 && Date.now() < until); n += 1) {
    hit += (await database.query(query)).rowCount ?? 0;
    await delay(everyMs);
  }
  if (hit === 0) throw new Error(`There was nothing to hit for ${String(PATIENCE_MS / 1_000)} s`);
}

const LOCK_MS = 20_000;
const LOCKED = ['locations', 'kafka_offsets', 'latest_positions', 'vehicles', 'vehicle_presence', 'outbox'] as const;

const lock: Fault = {
  name: 'lock-table',
  does: 'a table that the apps write locked by somebody else for 20 s',
  targets: ['postgres'],
  inject: async ({ system, random }) => {
    const client = new Client({ connectionString: system.postgres.url, application_name: 'milepost-chaos' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query(`set lock_timeout = '20s'; begin; lock table ${random.pick(LOCKED)} in access exclusive mode`);
      await delay(LOCK_MS);
      await client.query('commit');
    } finally {
      await client.end().catch(() => undefined);
    }
  },
};

export const postgresFaults: readonly Fault[] = [stop, restart, cut, cancel, lock];
