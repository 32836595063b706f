import { topics } from '@milepost/contracts';
import { eventually, type TestApp, useTestScope } from '@milepost/test-support';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type IngestScope, ingestScope } from './ingest-scope.js';

const scope = useTestScope();
let ingest: IngestScope;
const apps: TestApp[] = [];
const loads: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  ingest = await ingestScope(scope, { partitions: 4 });
});

afterEach(async () => {
  await Promise.all(loads.splice(0).map((stop) => stop()));
  await Promise.all(apps.splice(0).map((app) => app.kill9()));
});

async function started(environment: Record<string, string> = {}): Promise<TestApp> {
  const app = await ingest.start({ INGEST_SESSION_TIMEOUT_MS: '6000', ...environment });
  apps.push(app);
  return app;
}

interface Load {
  /** What Kafka has acknowledged so far. */
  acknowledged: { good: number; bad: number };
  stop(): Promise<Load['acknowledged']>;
}

/** Sends fixes of many vehicles until it is told to stop; every seventh record is wrong. */
function load(name: string, vehicles = 20): Load {
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
  const stop = async () => {
    going = false;
    await running;
    return acknowledged;
  };
  loads.push(stop);
  return { acknowledged, stop };
}

/** Until so many more are stored; on failure it says whether there was anything to store. */
async function untilMoreStored(name: string, more: number, { acknowledged }: Load): Promise<void> {
  const target = more + (await storedOf(name));
  await eventually(
    async () => {
      const stored = await storedOf(name);
      if (stored < target) throw new Error(`${stored} of ${target} fixes are stored, while ${acknowledged.good} were acknowledged`);
    },
    { timeoutMs: 45_000 },
  );
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

describe('under load, every acknowledged item is stored or a dead letter, exactly once,', () => {
  it('when ingest is killed with -9, twice', async () => {
    await started();
    const sending = load('killed');
    for (let kill = 0; kill < 2; kill += 1) {
      await untilMoreStored('killed', 100, sending);
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
      await untilMoreStored('ended', 50, sending);
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
    await untilMoreStored('shared', 100, sending);
    const second = await started({ NODE_ID: 'two' });
    await eventually(
      async () => expect(await second.metric('milepost_ingest_records_total', { topic: topics.location })).toBeGreaterThan(50),
      {
        timeoutMs: 30_000,
      },
    );
    expect(await first.stop()).toBe(0);
    await untilMoreStored('shared', 200, sending);
    const acknowledged = await sending.stop();
    await expectExactlyOnce('shared', acknowledged);
  });
});

describe('a process that was frozen with a batch in its hands', () => {
  it('writes nothing of it when it wakes up, because another one has stored it since', async () => {
    await ingest.rows(
      `create table rewinds as select topic, partition, next_offset as before, next_offset as after from kafka_offsets limit 0`,
    );
    await ingest.rows(`create function note_rewind() returns trigger language plpgsql security definer as $$
      begin insert into rewinds values (old.topic, old.partition, old.next_offset, new.next_offset); return null; end $$`);
    await ingest.rows(
      `create trigger note_rewind after update on kafka_offsets for each row when (new.next_offset < old.next_offset) execute function note_rewind()`,
    );

    const frozen = await started();
    await ingest.send({ vehicle: 'frozen-0', payload: fixAt(0) });
    await ingest.settled();
    // A vehicle that nobody knows yet: its look-up waits for this lock, with the batch already fetched and nothing written.
    const lock = await ingest.database.owner.connect();
    try {
      await lock.query('begin; lock table vehicles in share row exclusive mode');
      await ingest.send({ vehicle: 'frozen-1', payload: fixAt(1) });
      await eventually(async () =>
        expect(
          await ingest.scalar<number>(`select count(*)::int from pg_locks l where not granted and relation = 'vehicles'::regclass`),
        ).toBeGreaterThan(0),
      );
      frozen.signal('SIGSTOP');
      await lock.query('commit');

      await started();
      await ingest.settled();
      for (let n = 2; n < 5; n += 1) await ingest.send({ vehicle: 'frozen-1', payload: fixAt(n) });
      await ingest.settled();

      frozen.signal('SIGCONT');
      await frozen.waitForLog('ingest.batch.fenced');
      await ingest.settled();
      expect(await ingest.rows('select * from rewinds')).toEqual([]);
      expect(await storedOf('frozen')).toBe(5);
    } finally {
      frozen.signal('SIGCONT');
      lock.release();
    }
  });
});

const fixAt = (sequence: number) => ({ recordedAt: Date.now(), latitude: 1, longitude: 1, sequence });
