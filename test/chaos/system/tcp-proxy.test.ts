import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { TcpProxy } from './tcp-proxy.js';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0).reverse()) one();
});

/** What one end has heard, and how it ended. */
interface End {
  socket: Socket;
  heard(): string;
  isEnded: boolean;
  /** Nothing more will be heard. */
  over: Promise<unknown>;
}

function listenTo(socket: Socket): End {
  let text = '';
  const over = Promise.race(['end', 'close'].map((event) => new Promise((resolve) => socket.once(event, resolve))));
  const end: End = { socket, heard: () => text, isEnded: false, over };
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('end', () => {
    end.isEnded = true;
  });
  socket.on('error', () => undefined);
  return end;
}

/** A vehicle that is connected to a broker through a proxy, and has said hello. */
async function connection() {
  const server = createServer({ allowHalfOpen: true });
  const accepted = once(server, 'connection');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => server.close());
  const proxy = await TcpProxy.listen((server.address() as AddressInfo).port);
  undo.push(() => proxy.close());
  const vehicle = listenTo(connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }));
  const broker = listenTo((await accepted)[0] as Socket);
  undo.push(() => void [vehicle, broker].map(({ socket }) => socket.destroy()));
  vehicle.socket.write('hello.');
  await expect.poll(broker.heard).toBe('hello.');
  return { proxy, vehicle, broker };
}

const all = () => true;

it('in fair weather everything arrives, both ways', async () => {
  const { vehicle, broker } = await connection();
  broker.socket.write('welcome.');
  await expect.poll(vehicle.heard).toBe('welcome.');
});

it('what is slow arrives whole and in order, also where the weather turns fair behind it', async () => {
  const { proxy, vehicle, broker } = await connection();
  proxy.weather = { kind: 'slow', delayMs: 50 };
  vehicle.socket.write('first.');
  await new Promise((resolve) => setTimeout(resolve, 10));
  proxy.weather = { kind: 'fair' };
  vehicle.socket.write('second.');
  await expect.poll(broker.heard).toBe('hello.first.second.');
});

it('what comes when what is slow was due, and the process was too busy for it, does not overtake it', async () => {
  const { proxy, vehicle, broker } = await connection();
  const elsewhere = createServer();
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  undo.push(() => elsewhere.close());
  const accepted = once(elsewhere, 'connection');
  const busy = connect({ port: (elsewhere.address() as AddressInfo).port, host: '127.0.0.1' });
  undo.push(() => busy.destroy());
  const [caller] = (await accepted) as [Socket];
  // Between two reads, where no timer has its turn.
  busy.on('data', () => {
    for (const untilMs = performance.now() + 80; performance.now() < untilMs; );
  });
  proxy.weather = { kind: 'slow', delayMs: 50 };
  vehicle.socket.write('first.');
  await new Promise((resolve) => setTimeout(resolve, 10));
  proxy.weather = { kind: 'fair' };
  caller.write('keep busy');
  vehicle.socket.write('second.');
  await expect.poll(broker.heard).toBe('hello.first.second.');
});

it('a cut ends both ends, of the connections that were chosen alone', async () => {
  const { proxy, vehicle, broker } = await connection();
  expect(proxy.cut(() => false)).toBe(0);
  expect(proxy.cut(all)).toBe(1);
  await Promise.all([vehicle.over, broker.over]);
});

it('a half-closed connection sends the broker nothing more, and the vehicle what the broker says', async () => {
  const { proxy, vehicle, broker } = await connection();
  expect(proxy.halfClose(all)).toBe(1);
  vehicle.socket.write('unheard.');
  await expect.poll(() => broker.isEnded).toBe(true);
  expect(vehicle.isEnded).toBe(false);
  broker.socket.write('still there.');
  await expect.poll(vehicle.heard).toBe('still there.');
  expect(broker.heard()).toBe('hello.');
});

it.each([1, 2])('a cut in mid-packet leaves the last of %i packets that come together without its end', async (packets) => {
  const { proxy, vehicle, broker } = await connection();
  const packet = `${'x'.repeat(99)}.`;
  expect(proxy.cutInMidPacket(all)).toBe(1);
  vehicle.socket.write(packet.repeat(packets));
  await Promise.all([vehicle.over, broker.over]);
  const beyondWhole = (broker.heard().length - 'hello.'.length) % packet.length;
  expect(beyondWhole).toBeGreaterThan(0);
  expect(broker.heard().endsWith('.')).toBe(false);
});

it('a cut in mid-packet comes behind what is still on its way', async () => {
  const { proxy, vehicle, broker } = await connection();
  proxy.weather = { kind: 'slow', delayMs: 50 };
  vehicle.socket.write('before.');
  await new Promise((resolve) => setTimeout(resolve, 10));
  proxy.cutInMidPacket(all);
  vehicle.socket.write('x'.repeat(100));
  await broker.over;
  expect(broker.heard()).toMatch(/^hello\.before\.x{1,99}$/);
});
