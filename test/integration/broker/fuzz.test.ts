import { afterAll, beforeAll, expect, it } from 'vitest';
import { BrokerFuzz } from '../../fuzz/broker-fuzz.js';
import { BrokerProcess } from '../../fuzz/broker-process.js';
import { ControlClient } from '../../fuzz/control-client.js';

const CONNECTIONS = 2000;
const SECONDS = 5;

let broker: BrokerProcess;

beforeAll(async () => {
  broker = await BrokerProcess.start();
});

afterAll(() => broker.stop());

it('connections that send mutated streams harm nobody else', async () => {
  const seed = Date.now() % 2 ** 31;
  const control = await ControlClient.connect(broker.port);
  const fuzz = new BrokerFuzz(broker.port, seed);
  const until = performance.now() + SECONDS * 1000;
  await fuzz.run(CONNECTIONS, () => performance.now() > until);
  control.close();
  expect(broker.over).toBe(false);
  expect(control.failure, `seed ${seed}`).toBeUndefined();
  expect(control.answers).toBeGreaterThan(0);
  expect(fuzz.findings.connections).toBeGreaterThan(100);
  expect(fuzz.findings.closedByBroker).toBeGreaterThan(0);
});
