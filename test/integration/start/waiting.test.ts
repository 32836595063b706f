import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { topics } from '@milepost/contracts';
import { recordPartitions } from '@milepost/database';
import { choosePort, eventually, type TestApp, useTestScope } from '@milepost/test-support';
import { describe, expect, it } from 'vitest';

const scope = useTestScope();

/** Opens a port of its own that leads to an address: a service that has come up. */
async function open(port: number, address: string): Promise<void> {
  const target = new URL(`tcp://${address}`);
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => socket.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect((server.address() as AddressInfo).port).toBe(port);
  scope.onEnd(() => server.close());
}

const waitsFor = (app: TestApp, whom: string) =>
  eventually(async () => expect(app.logs.filter(({ event }) => event === 'app.waiting').map((line) => line.whom)).toContain(whom), {
    timeoutMs: 30_000,
  });

describe.each(['ingest', 'alerts'] as const)('%s that is started before its services', (name) => {
  it('waits for Kafka, then for Postgres, says so a few times, and works when both are there', async () => {
    const [database, testTopics] = await Promise.all([scope.database(), scope.topics({ partitions: 1 })]);
    await recordPartitions(database.owner, new Map(Object.values(topics).map((topic) => [topic, 1])));
    const [kafkaPort, postgresPort] = [await choosePort(), await choosePort()];
    const url = new URL(database.urlFor(`milepost_${name}`));
    const postgres = url.host;
    url.host = `127.0.0.1:${postgresPort}`;
    const environment = { ...testTopics.environment, KAFKA_BROKERS: `127.0.0.1:${kafkaPort}`, DATABASE_URL: url.href };
    const app = await scope.app(name, environment, { waitUntilReady: false });
    await waitsFor(app, 'Kafka');
    expect(await app.ready()).toBe(false);
    await open(kafkaPort, testTopics.environment.KAFKA_BROKERS?.split(',')[0] ?? '');
    await waitsFor(app, 'Postgres');
    await open(postgresPort, postgres);
    await eventually(async () => expect(await app.ready()).toBe(true), { timeoutMs: 45_000 });
    const said = app.logs
      .filter(({ event }) => event === 'app.waiting' || event === 'app.wait.over')
      .map(({ event, whom }) => [event, whom]);
    expect(said.filter(([event]) => event === 'app.wait.over')).toEqual([
      ['app.wait.over', 'Kafka'],
      ['app.wait.over', 'Postgres'],
    ]);
    // One each to begin with, and one each 30 s.
    expect(said.length).toBeLessThan(10);
    expect(await app.stop()).toBe(0);
  });

  it('answers with its metrics while Postgres keeps it waiting', async () => {
    const [database, testTopics] = await Promise.all([scope.database(), scope.topics({ partitions: 1 })]);
    await recordPartitions(database.owner, new Map(Object.values(topics).map((topic) => [topic, 1])));
    const client = await database.owner.connect();
    try {
      await client.query('begin; lock table kafka_offsets in access exclusive mode');
      const environment = { ...testTopics.environment, DATABASE_URL: database.urlFor(`milepost_${name}`) };
      const app = await scope.app(name, environment, { waitUntilReady: false });
      await eventually(async () => {
        const { rowCount } = await client.query(`select from pg_locks where relation = 'kafka_offsets'::regclass and not granted`);
        expect(rowCount).toBe(1);
      });
      expect((await fetch(`${app.statusUrl}/metrics`)).status).toBe(200);
      await client.query('commit');
      await eventually(async () => expect(await app.ready()).toBe(true), { timeoutMs: 45_000 });
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('ends in order when it is told to while it waits', async () => {
    const database = await scope.database();
    const environment = { KAFKA_BROKERS: `127.0.0.1:${await choosePort()}`, DATABASE_URL: database.urlFor(`milepost_${name}`) };
    const app = await scope.app(name, environment, { waitUntilReady: false });
    await waitsFor(app, 'Kafka');
    expect(await app.stop()).toBe(0);
    const events = app.logs.map(({ event }) => event);
    expect(events).toContain('app.stopped');
    expect(events).not.toContain('app.failed');
  });
});
