import { setTimeout as delay } from 'node:timers/promises';
import type { Alert, Vehicle } from '@milepost/contracts';
import { eventually, type OwnKafka, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { lawful } from './support/ledger.js';
import { type Load, startLoad } from './support/load.js';
import { type Pipeline, startPipeline } from './support/pipeline.js';

const VEHICLES = 24;
const OUTAGE_MS = 15_000;
const SHORT_OUTAGE_MS = 2_000;
/** Shorter than the outage: a clock that ran on meanwhile would open alerts, and none may hide in an incident. */
const strictness = { OFFLINE_GRACE_MS: '8000', NODE_GRACE_MS: '12000', STORM_MIN_VEHICLES: '100' };

describe('Kafka stopped under load', () => {
  const scope = useTestScope();
  let kafka: OwnKafka;
  let pipeline: Pipeline;
  let load: Load;
  const losses = () => load.vehicles.flatMap((vehicle) => vehicle.losses);
  const expectTheLaw = async () => {
    await pipeline.settled();
    expect({ ...(await load.ledger.audit(pipeline.database)), unacknowledged: [] }).toEqual(lawful);
  };
  const expectNobodyAway = () =>
    eventually(async () => {
      const states = (await pipeline.api.all<Vehicle>('/v1/vehicles')).map(({ presence }) => presence.state);
      expect(states).toEqual(Array.from({ length: VEHICLES }, () => 'online'));
    });

  beforeAll(async () => {
    kafka = await scope.ownKafka();
    pipeline = await startPipeline(scope, {
      apps: ['broker', 'ingest', 'alerts', 'api'],
      kafkaBrokers: kafka.brokers,
      environment: { alerts: strictness },
    });
    load = await startLoad(scope, pipeline, VEHICLES);
    await load.flows();
  });

  test('for 15 s: nothing is acknowledged meanwhile, nobody is disconnected, and everything goes on afterwards', async () => {
    await kafka.stop();
    const before = load.ledger.acknowledged;
    await delay(OUTAGE_MS);
    expect(load.ledger.acknowledged).toBe(before);
    expect(losses()).toEqual([]);
    expect((await pipeline.api.fetch('/readyz')).status).toBe(503);
    expect(await pipeline.app('broker').ready()).toBe(true);
    await kafka.start();
    await load.flows(VEHICLES * 100);
    expect(losses()).toEqual([]);
    await expectNobodyAway();
  });

  test('with the broker killed before it came back: no vehicle was promised what died with it', async () => {
    await kafka.stop();
    await delay(SHORT_OUTAGE_MS);
    await pipeline.app('broker').kill9();
    await kafka.start();
    await pipeline.launch('broker');
    await load.flows();
    await load.drain();
    await expectTheLaw();
    await expectNobodyAway();
  });

  test('leaves in the end what was acknowledged stored or a dead letter, once, and not one alert', async () => {
    expect(await load.ledger.audit(pipeline.database)).toEqual(lawful);
    expect(load.ledger.acknowledged).toBeGreaterThan(VEHICLES * 200);
    expect(await pipeline.api.all<Alert>('/v1/alerts')).toEqual([]);
  });
});
