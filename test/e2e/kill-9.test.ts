import type { Alert, Vehicle } from '@milepost/contracts';
import { eventually, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { lawful } from './support/ledger.js';
import { type Load, startLoad } from './support/load.js';
import { type Pipeline, startPipeline } from './support/pipeline.js';
import { watchForRewinds } from './support/rewinds.js';

const VEHICLES = 24;
/** Short, so that a vehicle that is wrongly believed to be away is an alert before the test is over, and does not hide in an incident. */
const strictness = { OFFLINE_GRACE_MS: '8000', NODE_GRACE_MS: '20000', STORM_MIN_VEHICLES: '100' };

describe('under load, killed with -9', () => {
  const scope = useTestScope();
  let pipeline: Pipeline;
  let load: Load;
  let rewinds: Awaited<ReturnType<typeof watchForRewinds>>;
  const alerts = () => pipeline.api.all<Alert>('/v1/alerts');
  const restart = async (name: 'broker' | 'ingest', moment: (kill: () => void) => Promise<void>) => {
    const victim = pipeline.app(name);
    await moment(() => victim.signal('SIGKILL'));
    await victim.kill9();
    await pipeline.launch(name);
    await load.flows();
  };

  beforeAll(async () => {
    pipeline = await startPipeline(scope, { apps: ['broker', 'ingest', 'alerts', 'api'], environment: { alerts: strictness } });
    rewinds = await watchForRewinds(pipeline.database);
    load = await startLoad(scope, pipeline, VEHICLES);
    await load.flows();
  });

  test('the broker takes nothing with it that it has acknowledged, and nobody who comes back is an alert', async () => {
    const [lost] = load.vehicles;
    // One does not come back, to see that the others could be alerts as well.
    lost?.vanish();
    for (let kill = 0; kill < 3; kill += 1) await restart('broker', (act) => load.ledger.atNextAcknowledgement(act));
    const opened = await eventually(
      async () => {
        const all = await alerts();
        expect(all.map(({ vehicleId, status }) => [vehicleId, status])).toEqual([[lost?.vehicleId, 'open']]);
        return all;
      },
      { timeoutMs: 60_000 },
    );
    expect(opened[0]).toMatchObject({ type: 'offline' });
    await lost?.connect();
    await eventually(async () => expect(await alerts()).toMatchObject([{ id: opened[0]?.id, status: 'resolved' }]));
  });

  test('ingest repeats what it had in hand and stores nothing twice', async () => {
    const storing = (act: () => void) => pipeline.app('ingest').metric('milepost_ingest_records_total').then(act);
    for (let kill = 0; kill < 2; kill += 1) await restart('ingest', storing);
  });

  test('or frozen with a batch in its hands while another takes over, ingest writes nothing of it when it wakes up', async () => {
    const frozen = pipeline.app('ingest');
    // A vehicle that nobody knows yet: its look-up waits for this lock, with the batch fetched and nothing written.
    const newcomer = await load.join('newcomer');
    const lock = await pipeline.database.owner.connect();
    try {
      await lock.query('begin; lock table vehicles in share row exclusive mode');
      newcomer.publishNext();
      await eventually(async () => {
        const { rows } = await pipeline.database.owner.query(
          `select from pg_stat_activity where datname = current_database() and application_name = 'milepost-ingest' and wait_event = 'relation'`,
        );
        expect(rows).toHaveLength(1);
      });
      frozen.signal('SIGSTOP');
    } finally {
      await lock.query('commit');
      lock.release();
    }
    await pipeline.launch('ingest');
    await load.flows();
    frozen.signal('SIGCONT');
    await load.flows();
    await frozen.waitForLog('ingest.batch.fenced');
    expect(await rewinds.seen()).toEqual([]);
  });

  test('and in the end what was acknowledged is stored or a dead letter, once; every latest position is the newest fix; nobody is away', async () => {
    await load.drain();
    await pipeline.settled();
    expect(await load.ledger.audit(pipeline.database)).toEqual(lawful);
    expect(load.ledger.acknowledged).toBeGreaterThan(2_000);
    expect(await alerts()).toMatchObject([{ status: 'resolved' }]);
    const vehicles = await pipeline.api.all<Vehicle>('/v1/vehicles');
    expect(vehicles.map(({ presence }) => presence.state)).toEqual(load.vehicles.map(() => 'online'));
  });
});
