import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createLogger, createMetrics } from '@milepost/runtime';
import { afterEach, expect, test, vi } from 'vitest';
import { createSimulatorMetrics } from '../metrics.js';
import { ConnectFailures } from './connect-failures.js';
import { VehicleLink } from './vehicle-link.js';

const servers: Server[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) server.close();
});

function linkTo(port: number) {
  const metrics = createSimulatorMetrics(createMetrics('test'));
  const link = new VehicleLink({
    credentials: { vehicleId: 'truck-1', certificate: '', privateKey: '', ca: '' },
    settings: { url: `mqtts://127.0.0.1:${port}`, keepAliveS: 30, timeoutMs: 30_000 },
    bufferedFixes: 10,
    batchFixes: 10,
    logger: createLogger({ app: 'test', level: 'silent' }),
    metrics,
    connectFailures: new ConnectFailures(),
  });
  const failures = async () => (await metrics.connectFailures.get()).values[0]?.value ?? 0;
  return { link, failures };
}

test('a vehicle stops at once while it waits for a broker that takes its connection and says nothing', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { link, failures } = linkTo((server.address() as AddressInfo).port);
  const connected = once(server, 'connection');
  const running = link.run();
  await connected;
  const askedAtMs = performance.now();
  await link.stop();
  await running;
  // Its time-out is 30 s.
  expect(performance.now() - askedAtMs).toBeLessThan(15_000);
  expect(await failures()).toBe(0);
  for (const socket of sockets) socket.destroy();
});

test('a network that was lost for a moment is back after it, though the clock was set back meanwhile', async () => {
  const { link, failures } = linkTo(1);
  link.loseNetwork(10);
  const setBack = Date.now() - 3_600_000;
  vi.spyOn(Date, 'now').mockReturnValue(setBack);
  const running = link.run();
  await expect.poll(failures).toBeGreaterThan(0);
  await link.stop();
  await running;
});
