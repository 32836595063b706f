import { topics } from '@milepost/contracts';
import { eventually, type TestApp, useTestScope } from '@milepost/test-support';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type IngestScope, ingestScope } from './ingest-scope.js';

const scope = useTestScope();
let ingest: IngestScope;
const apps: TestApp[] = [];

beforeAll(async () => {
  ingest = await ingestScope(scope, { partitions: 4 });
});

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.kill9()));
});

async function started(environment: Record<string, string> = {}): Promise<TestApp> {
  const app = await ingest.start({ INGEST_SESSION_TIMEOUT_MS: '6000', ...environment });
  apps.push(app);
  return app;
}

/** Sends fixes of many vehicles until it is told to stop; every seventh record is wrong. Answers what Kafka has acknowledged. */
function load(name: string, vehicles = 20) {
  const acknowledged = { good: 0, bad: 0 };
  let going = true;
  const start = Date.now() - 3_600_000;
  const send = async (vehicle: number) => {
    for (let n = 0; going; n += 1) {
      const bad = n % 7 === 6;
      const item = { recordedAt: start + n, latitude: bad ? 91 : (n % 180) - 90, longitude: vehicle, sequence: n };
      await ingest.send({ vehicle: `${name}-${vehicle}`, payload: item });
      if (bad) acknowledged.bad += 1;
      else acknowledged.good += 1;
    }
  };
  const running = Promise.all(Array.from({ length: vehicles }, (_, vehicle) => send(vehicle)));
  return {
    stop: async () => {
      going = false;
      await running;
      return acknowledged;
    },
  };
}

async function expectExactlyOnce(name: string, { good, bad }: { good: number; bad: number }) {
  await ingest.settled();
  const like = `${name}-%`;
  const stored = await ingest.scalar<number>(
    'select count(*)::int from locations l join vehicles v on v.id = l.vehicle where v.vehicle_id like $1',
    [like],
  );
  const distinct = await ingest.scalar<number>(
    'select count(distinct (l.vehicle, l.sequence))::int from locations l join vehicles v on v.id = l.vehicle where v.vehicle_id like $1',
    [like],
  );
  const dead = await ingest.scalar<number>('select count(*)::int from dead_letters where vehicle_id like $1', [like]);
  expect({ stored, distinct, dead }).toEqual({ stored: good, distinct: good, dead: bad });
  expect(good).toBeGreaterThan(200);
}

const storedOf = (name: string) =>
  ingest.scalar<number>('select count(*)::int from locations l join vehicles v on v.id = l.vehicle where v.vehicle_id like $1', [
    `${name}-%`,
  ]);
const untilStored = (name: string, count: number) =>
  eventually(async () => expect(await storedOf(name)).toBeGreaterThan(count), { timeoutMs: 30_000 });

describe('under load, every acknowledged item is stored or a dead letter, exactly once,', () => {
  it('when ingest is killed with -9, twice', async () => {
    await started();
    const sending = load('killed');
    for (let kill = 0; kill < 2; kill += 1) {
      await untilStored('killed', 100 + (await storedOf('killed')));
      await Promise.all(apps.splice(0).map((app) => app.kill9()));
      await started();
    }
    const acknowledged = await sending.stop();
    await expectExactlyOnce('killed', acknowledged);
  });

  it('when Postgres ends its connections, and ingest stays alive', async () => {
    const app = await started();
    const sending = load('ended');
    for (let cut = 0; cut < 5; cut += 1) {
      await untilStored('ended', 50 + (await storedOf('ended')));
      await ingest.rows(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'milepost-ingest'`,
      );
    }
    const acknowledged = await sending.stop();
    await expectExactlyOnce('ended', acknowledged);
    expect(await app.ready()).toBe(true);
  });

  it('when a second process joins and the first one leaves', async () => {
    const first = await started({ NODE_ID: 'one' });
    const sending = load('shared');
    await untilStored('shared', 100);
    const second = await started({ NODE_ID: 'two' });
    await eventually(
      async () => expect(await second.metric('milepost_ingest_records_total', { topic: topics.location })).toBeGreaterThan(50),
      {
        timeoutMs: 30_000,
      },
    );
    expect(await first.stop()).toBe(0);
    await untilStored('shared', 200 + (await storedOf('shared')));
    const acknowledged = await sending.stop();
    await expectExactlyOnce('shared', acknowledged);
  });
});
