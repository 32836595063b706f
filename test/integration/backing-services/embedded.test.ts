import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BackingServices, processStartTime, startBackingServices } from '@milepost/backing-services';
import { connectKafka, createLogWriter, provisionTopics } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { testServices, useTestScope } from '@milepost/test-support';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';

const logger = createLogger({ app: 'test', level: 'silent' });
const scope = useTestScope();
const { KAFKA_BROKERS: _kafka, DATABASE_URL: _database, ...environment } = process.env;
let dataDir: string;
const lines: string[] = [];

beforeAll(() => {
  // As in the home of a Jörg.
  dataDir = mkdtempSync(join(testServices().runDir, 'Dienste für Jörg-'));
  chmodSync(dataDir, 0o755);
});

async function start(): Promise<BackingServices> {
  const services = await startBackingServices({
    dataDir,
    environment,
    log: (line) => void lines.push(line),
    kafka: { heapMb: 256 },
    postgres: { settings: { shared_buffers: '32MB' } },
  });
  scope.onEnd(() => services.stop());
  return services;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function connect(services: BackingServices) {
  const config = { KAFKA_BROKERS: services.kafka.brokers, KAFKA_SSL: false, KAFKA_PARTITIONS: 1 };
  return connectKafka(config, { clientId: 'test', logger });
}

describe('embedded services', () => {
  let first: BackingServices;

  test('say which way was taken and why', async () => {
    first = await start();
    expect(first.kafka.kind).toBe('embedded');
    expect(lines.join('\n')).toMatch(/Kafka: starting one of our own on .*, because KAFKA_BROKERS is not set/);
    expect(lines.join('\n')).not.toContain(new URL(first.postgres.url).password);
  });

  test('run in process groups of their own, so that Ctrl-C does not reach them', () => {
    expect(first.processes.map(({ name }) => name).sort()).toEqual(['kafka', 'postgres']);
    // A group leader may be addressed as a group; signal 0 only looks.
    for (const { pid } of first.processes) expect(() => process.kill(-pid, 0)).not.toThrow();
  });

  test('refuse a second start on the same folder while they run', async () => {
    await expect(start()).rejects.toMatchObject({ code: 'folder_in_use' });
    for (const { pid } of first.processes) expect(processStartTime(pid)).toBeDefined();
  });

  test('are found again with their data, ports and cluster id after a stop; no process is left between', async () => {
    await query(first.postgres.url, 'create table t as select 42 as x');
    const connection = connect(first);
    await provisionTopics(connection, { partitions: 1, logger });
    const writer = createLogWriter(connection, { logger });
    expect(await writer.append({ topic: 'fleet.alerts', key: 'k', value: Buffer.from('v') })).toMatchObject({ kind: 'stored', offset: 0n });
    const clusterId = await connection.clusterId();
    await writer.close({ timeoutMs: 1_000 });
    await connection.close();
    await first.stop();
    for (const { pid } of first.processes) expect(processStartTime(pid)).toBeUndefined();

    const second = await start();
    expect(second.postgres.url).toBe(first.postgres.url);
    expect(second.kafka.brokers).toEqual(first.kafka.brokers);
    expect(await query(second.postgres.url, 'select x from t')).toEqual([{ x: 42 }]);
    const again = connect(second);
    expect(await again.clusterId()).toBe(clusterId);
    const another = createLogWriter(again, { logger });
    expect(await another.append({ topic: 'fleet.alerts', key: 'k', value: Buffer.from('v') })).toMatchObject({
      kind: 'stored',
      offset: 1n,
    });
    await another.close({ timeoutMs: 1_000 });
    await again.close();
    expect(lines.join('\n')).not.toContain('has ended');

    const postgres = second.processes.find(({ name }) => name === 'postgres');
    process.kill(postgres?.pid ?? 0, 'SIGKILL');
    await expect
      .poll(() => lines)
      .toContainEqual(expect.stringMatching(/^Postgres has ended \(signal SIGKILL\); without it nothing is stored/));
    await second.stop();
    expect(lines.join('\n')).not.toContain('Kafka has ended');
  });
});

describe('a start that fails when a process is there', () => {
  test.each(['kafka', 'postgres'])('leaves no %s behind: nobody would know of it', async (name) => {
    const folder = mkdtempSync(join(testServices().runDir, 'failing-'));
    chmodSync(folder, 0o755);
    const pids: number[] = [];
    const starting = startBackingServices({
      dataDir: folder,
      environment,
      log: () => undefined,
      kafka: { heapMb: 256 },
      postgres: { settings: { shared_buffers: '32MB' } },
      onProcess: (started) => {
        pids.push(started.pid);
        // As whoever writes its pid down does on a full disk.
        if (started.name === name) throw new Error('ENOSPC: no space left on device');
      },
    });
    await expect(starting).rejects.toThrow('ENOSPC');
    expect(pids.map(processStartTime)).toEqual(pids.map(() => undefined));
    rmSync(folder, { recursive: true });
  });
});

describe('a data folder that is damaged', () => {
  test.each([
    ['postgres', /no PG_VERSION.*--fresh/],
    ['kafka', /no meta\.properties.*--fresh/],
  ])('in %s is an error that says what and how to mend, and leaves the other service stopped', async (name, message) => {
    const damaged = mkdtempSync(join(testServices().runDir, 'damaged-'));
    chmodSync(damaged, 0o755);
    mkdirSync(join(damaged, name, 'data'), { recursive: true });
    if (name === 'postgres') writeFileSync(join(damaged, name, 'service.json'), JSON.stringify({ port: 1, password: 'x' }));
    const pids: number[] = [];
    const starting = startBackingServices({
      dataDir: damaged,
      environment,
      log: () => undefined,
      kafka: { heapMb: 256 },
      postgres: { settings: { shared_buffers: '32MB' } },
      onProcess: ({ pid }) => void pids.push(pid),
    });
    await expect(starting).rejects.toThrow(message);
    for (const pid of pids) expect(processStartTime(pid)).toBeUndefined();
    rmSync(damaged, { recursive: true });
  });
});

describe('services that the environment names', () => {
  const given = (variables: Record<string, string>) =>
    startBackingServices({ dataDir, environment: { ...environment, ...variables }, log: () => undefined });

  test('are used and left alone', async () => {
    const { kafkaBrokers, ownerUrl } = testServices();
    const services = await given({ KAFKA_BROKERS: kafkaBrokers.join(','), DATABASE_URL: ownerUrl });
    expect(services).toMatchObject({ kafka: { kind: 'given' }, postgres: { kind: 'given', url: ownerUrl }, processes: [] });
    await services.stop();
    expect(await query(ownerUrl, 'select 1 as x')).toEqual([{ x: 1 }]);
  });

  test('are never replaced when they do not answer', async () => {
    const { kafkaBrokers, ownerUrl } = testServices();
    await expect(given({ KAFKA_BROKERS: '127.0.0.1:1', DATABASE_URL: ownerUrl })).rejects.toMatchObject({ code: 'kafka_unreachable' });
    const nobody = 'postgres://user:secret@127.0.0.1:1/db';
    const failure = given({ KAFKA_BROKERS: kafkaBrokers.join(','), DATABASE_URL: nobody });
    await expect(failure).rejects.toMatchObject({ code: 'postgres_unreachable', message: expect.not.stringContaining('secret') });
  });
});
