import { afterAll, beforeAll, expect, it } from 'vitest';
import { BrokerFuzz } from '../../fuzz/broker-fuzz.js';
import { ControlClient } from '../../fuzz/control-client.js';
import { startTinyBroker } from '../../fuzz/tiny-broker.js';

const CONNECTIONS = 2000;
const SECONDS = 5;

let broker: Awaited<ReturnType<typeof startTinyBroker>>;

beforeAll(async () => {
  broker = await startTinyBroker();
});

afterAll(() => {
  broker.server.close();
});

it('connections that send mutated streams harm nobody else', async () => {
  const seed = Date.now() % 2 ** 31;
  const control = await ControlClient.connect(broker.port);
  const fuzz = new BrokerFuzz(broker.port, seed);
  const until = performance.now() + SECONDS * 1000;
  await fuzz.run(CONNECTIONS, () => performance.now() > until);
  control.close();
  expect(control.failure, `seed ${seed}`).toBeUndefined();
  expect(control.answers).toBeGreaterThan(0);
  expect(fuzz.findings.connections).toBeGreaterThan(100);
  expect(fuzz.findings.closedByBroker).toBeGreaterThan(0);
});
