import { createLogger, createMetrics } from '@milepost/runtime';
import { eventually, useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';
import { ConnectFailures } from '../../../apps/simulator/src/link/connect-failures.js';
import { VehicleLink } from '../../../apps/simulator/src/link/vehicle-link.js';
import { createSimulatorMetrics } from '../../../apps/simulator/src/metrics.js';
import { startScriptedBroker } from '../canary/scripted-broker.js';

const scope = useTestScope();

test('a vehicle stops in its time although what it sent is never acknowledged, as while Kafka is away', async () => {
  const pki = await scope.pki();
  const broker = await startScriptedBroker(pki);
  scope.onEnd(() => broker.close());
  broker.acknowledges = false;
  const { certificatePem, privateKeyPem } = await pki.issue('truck-1');
  const link = new VehicleLink({
    credentials: { vehicleId: 'truck-1', certificate: certificatePem, privateKey: privateKeyPem, ca: pki.caPem },
    settings: { url: `mqtts://localhost:${broker.port}`, keepAliveS: 30, timeoutMs: 30_000 },
    bufferedFixes: 10,
    batchFixes: 10,
    logger: createLogger({ app: 'test', level: 'silent' }),
    metrics: createSimulatorMetrics(createMetrics('test')),
    connectFailures: new ConnectFailures(),
  });
  const running = link.run();
  link.send('location', { recordedAt: new Date().toISOString(), latitude: 1, longitude: 2 });
  await eventually(() => expect(broker.published.map(({ topic }) => topic)).toContain('fleet/truck-1/location'), { timeoutMs: 20_000 });
  await link.stop();
  const outcome = running.then(() => 'has stopped');
  expect(await Promise.race([outcome, new Promise((resolve) => setTimeout(resolve, 5_000, 'still runs'))])).toBe('has stopped');
});
