import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, expect, it, vi } from 'vitest';

// The broker's time to settle is not what is looked at.
vi.mock('node:timers/promises', () => ({
  setTimeout: async () => undefined,
  setImmediate: () => new Promise((resolve) => setImmediate(resolve)),
}));
// Files that run in one process share modules: what another file has loaded does not have what is mocked here, and the other way round.
vi.resetModules();
const { runBroker } = await import('./broker-run.js');
const { ControlClient } = await import('./control-client.js');
afterAll(() => vi.resetModules());

const CONNACK = Buffer.of(0x20, 3, 0, 0, 0);
const PINGRESP = Buffer.of(0xd0, 0);
let server: Server;
const sockets = new Set<Socket>();

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** A broker that does what `serve` says with its n-th connection. */
async function listen(serve: (socket: Socket, n: number) => void): Promise<number> {
  let count = 0;
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket, ++count);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

const answer = (socket: Socket) => socket.on('data', (data) => socket.write(data[0] === 0x10 ? CONNACK : PINGRESP));

it('a broker that has answered CONNECT and not one ping is stuck', async () => {
  const port = await listen((socket) => socket.once('data', () => socket.write(CONNACK)));
  const control = await ControlClient.connect(port);
  await expect.poll(() => control.failure).toBe('no PINGRESP for a second');
  control.close();
});

it('a broker that serves on whom it has, and lets in nobody else any more, is found out', async () => {
  const port = await listen((socket, n) => (n === 1 ? answer(socket) : socket.destroy()));
  const run = { port, seed: 1, seconds: 5, maxInputs: 0, maxConnections: 40, target: 'broker' } as const;
  expect((await runBroker(run)).failures).toEqual([expect.stringContaining('afterwards nobody is let in')]);
});
