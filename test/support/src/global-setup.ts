import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BackingServices, startBackingServices } from '@milepost/backing-services';
import { migrate, rolePasswords, setRolePasswords } from '@milepost/database';
import { createLogger } from '@milepost/runtime';
import type { TestProject } from 'vitest/node';
import { databaseUrl, onceNotInUse, onServer, testRoleSecret } from './database-server.js';
import { endRecordedProcesses, recordProcess } from './recorded-processes.js';
import { claimRunDir, RUN_DIR_PREFIX, removeAbandonedRuns } from './run-dir.js';
import type { TestServices } from './test-services.js';
import { removeTopicsOf } from './test-topics.js';

interface SharedRun {
  services: Promise<{ test: TestServices; backing: BackingServices }>;
  users: number;
}

// Vitest loads this file once for each project of a run; they share what it starts.
const shared = globalThis as typeof globalThis & { milepostTestRun?: SharedRun };

/** Kafka and Postgres for a run: those that KAFKA_BROKERS and DATABASE_URL name, else its own in a temporary folder. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.milepostTestRun ??= { services: startRun(), users: 0 };
  const run = shared.milepostTestRun;
  run.users += 1;
  const { test, backing } = await run.services;
  project.provide('milepost', test);
  return async () => {
    run.users -= 1;
    if (run.users > 0) return;
    delete shared.milepostTestRun;
    await endRun(test, backing);
  };
}

async function startRun(): Promise<{ test: TestServices; backing: BackingServices }> {
  const runId = `t${randomBytes(4).toString('hex')}`;
  removeAbandonedRuns();
  const runDir = mkdtempSync(join(tmpdir(), RUN_DIR_PREFIX));
  claimRunDir(runDir);
  // As root, Postgres runs as another user and must get in.
  chmodSync(runDir, 0o755);
  let backing: BackingServices | undefined;
  try {
    backing = await startBackingServices({
      dataDir: runDir,
      environment: process.env,
      log: (line) => process.stderr.write(`${line}\n`),
      onProcess: ({ pid }) => recordProcess(runDir, pid),
      // Survives kill -9 of every process, which is what tests do; not a power cut.
      postgres: { settings: { fsync: 'off', max_connections: '300', log_min_messages: 'fatal' } },
    });
    const templateDatabase = `${runId}_template`;
    const ownerUrl = backing.postgres.url;
    await onServer(ownerUrl, (client) => client.query(`create database ${templateDatabase}`));
    await migrate(databaseUrl(ownerUrl, templateDatabase), createLogger({ app: 'test', level: 'warn' }));
    await setRolePasswords(ownerUrl, rolePasswords(testRoleSecret));
    return { test: { runId, runDir, kafkaBrokers: backing.kafka.brokers, ownerUrl, templateDatabase }, backing };
  } catch (error) {
    await backing?.stop();
    rmSync(runDir, { recursive: true, force: true });
    throw error;
  }
}

/** Also removes what a test that was killed left behind. */
async function endRun({ runId, runDir, ownerUrl, kafkaBrokers }: TestServices, backing: BackingServices): Promise<void> {
  endRecordedProcesses(runDir);
  if (backing.kafka.kind === 'given') await removeTopicsOf(kafkaBrokers, runId);
  if (backing.postgres.kind === 'given') {
    await onServer(ownerUrl, async (client) => {
      const { rows } = await client.query<{ datname: string }>('select datname from pg_database where starts_with(datname, $1)', [
        `${runId}_`,
      ]);
      for (const { datname } of rows) await onceNotInUse(client, `drop database if exists ${datname} with (force)`);
    });
  }
  await backing.stop();
  rmSync(runDir, { recursive: true, force: true });
}
