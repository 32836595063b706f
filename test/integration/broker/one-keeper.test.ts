import { presenceTimes } from '@milepost/contracts';
import { sleep } from '@milepost/runtime';
import { eventually, useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';

const scope = useTestScope();

test('of two brokers on the same topics one keeps the MQTT state: who comes second is refused, and who was taken for dead ends itself', async () => {
  const [pki, kafka] = await Promise.all([scope.pki(), scope.topics()]);
  const environment = (node: string) => ({ ...kafka.environment, ...pki.environment, MQTT_TLS_PORT: '0', NODE_ID: node });
  const first = await scope.app('broker', environment('node-1'));
  await first.waitForLog('broker.listening');

  const refused = scope.app('broker', environment('node-2'));
  await expect(refused).rejects.toThrow(/node-1, keeps the MQTT state/);
  expect(await first.ready()).toBe(true);

  first.signal('SIGSTOP');
  const second = await scope.app('broker', environment('node-3'));
  await second.waitForLog('broker.listening');
  first.signal('SIGCONT');
  const last = await first.waitForLog('app.failed');
  expect(JSON.stringify(last.err)).toMatch(/node-3, keeps the MQTT state/);
  await eventually(async () => expect(await first.ready()).toBe(false));
  expect(await second.ready()).toBe(true);

  // Who ends in order leaves the state to the next at once.
  expect(await second.stop()).toBe(0);
  const startedAtMs = Date.now();
  const third = await scope.app('broker', environment('node-4'));
  await third.waitForLog('broker.listening');
  expect(Date.now() - startedAtMs).toBeLessThan(9_000);
}, 120_000);

test('of two brokers of one name the earlier ends, though it was cut off for so long that its leases are stale: it does not take the later epoch', async () => {
  const [pki, kafka] = await Promise.all([scope.pki(), scope.topics()]);
  const environment = { ...kafka.environment, ...pki.environment, MQTT_TLS_PORT: '0', NODE_ID: 'broker-0' };
  const first = await scope.app('broker', environment);
  await first.waitForLog('broker.listening');
  first.signal('SIGSTOP');
  const stoppedAtMs = Date.now();
  const second = await scope.app('broker', environment);
  await second.waitForLog('broker.listening');
  await sleep(presenceTimes.staleLeaseMs + 1_000 - (Date.now() - stoppedAtMs));
  first.signal('SIGCONT');
  const last = await first.waitForLog('app.failed');
  expect(JSON.stringify(last.err)).toMatch(/under this NODE_ID/);
  await eventually(async () => expect(await first.ready()).toBe(false));
  expect(await second.ready()).toBe(true);
}, 120_000);
