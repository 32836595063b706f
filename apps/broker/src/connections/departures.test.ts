import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';
import { encode } from '@milepost/mqtt';
import { afterEach, expect, it, vi } from 'vitest';
import { connected, publish } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { Entrance } from '../listener/entrance/entrance.js';
import { DEPARTURES_A_TURN, Departures } from './departures.js';
import { type FakeClient, FakeSocket, settled } from './fake-socket.fixture.js';

const world = brokerWorld();
const opened: { destroy(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.destroy();
});

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const goodbye = encode({ type: 'disconnect', reasonCode: 0, properties: {} }, 5);

/** As one poll reads them: one after the other, with nothing of the event loop in between but what the reading itself asked for. */
async function readInOneTurn(reads: readonly [FakeClient, Buffer][]): Promise<void> {
  for (const [client, bytes] of reads) {
    client.socket.emit('data', bytes);
    await new Promise<void>((resolve) => process.nextTick(resolve));
  }
}

it('who publishes behind a thousand that leave is answered before their sockets are closed; then all of them are', async () => {
  const leaving = await Promise.all(Array.from({ length: 1_000 }, (_, index) => connected(world.broker, `c${index}`)));
  const staying = await connected(world.broker, 'stays');
  staying.heard();
  const open = () => leaving.filter(({ socket }) => !socket.ended).length;
  await readInOneTurn([...leaving.map((each) => [each, goodbye] as [FakeClient, Buffer]), [staying, encode(publish(1, 'x'), 5)]]);
  let heard = staying.heard();
  while (heard.length === 0) {
    await nextTurn();
    heard = staying.heard();
  }
  expect(heard).toMatchObject([{ type: 'puback', packetId: 1 }]);
  expect(open()).toBeGreaterThan(500);
  for (let before = 1_000; open() > 0; await nextTurn()) {
    expect(open()).toBeLessThan(before);
    before = open();
  }
});

it('what is owed to the log and to others when somebody leaves waits for no turn', async () => {
  const leaving = await Promise.all(Array.from({ length: 200 }, (_, index) => connected(world.broker, `c${index}`)));
  await readInOneTurn(leaving.map((each) => [each, goodbye]));
  expect(leaving.some(({ socket }) => !socket.ended)).toBe(true);
  expect(world.broker.registry.size).toBe(0);
});

it('whose client has closed its half is closed in its turn all the same, and not by Node before', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    world.broker.receive(socket, new GuestGate('192.0.2.1', new Set()));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  opened.push({ destroy: () => server.close() });
  const { port } = server.address() as { port: number };
  const clients = await Promise.all(
    Array.from({ length: 300 }, async () => {
      const client = dial({ port, host: '127.0.0.1', allowHalfOpen: true });
      opened.push(client);
      client.resume();
      await once(client, 'connect');
      return client;
    }),
  );
  await vi.waitFor(() => expect(sockets).toHaveLength(clients.length));
  let inThisTurn = 0;
  for (const socket of sockets) {
    const end = socket.end.bind(socket);
    vi.spyOn(socket, 'end').mockImplementation(() => {
      inThisTurn += 1;
      return end();
    });
  }
  for (const client of clients) client.end();
  let most = 0;
  for (let ended = 0; ended < clients.length; ended += inThisTurn) {
    inThisTurn = 0;
    await nextTurn();
    most = Math.max(most, inThisTurn);
  }
  // The turns that are counted here need not begin where those of the departures do.
  expect(most).toBeLessThanOrEqual(2 * DEPARTURES_A_TURN);
});

it('they leave in the order in which they came, and one that comes alone at once', async () => {
  const departures = new Departures();
  const left: number[] = [];
  const leave = (from: number, to: number) => {
    for (let number = from; number < to; number++) departures.add({ leave: () => void left.push(number) });
  };
  leave(0, 1);
  expect(left).toEqual([0]);
  leave(1, 100);
  expect(left).toHaveLength(DEPARTURES_A_TURN);
  await nextTurn();
  expect(left).toHaveLength(2 * DEPARTURES_A_TURN);
  leave(100, 120);
  await settled();
  expect(left).toEqual(Array.from({ length: 120 }, (_, number) => number));
  leave(120, 121);
  expect(left).toHaveLength(121);
});

it('where more leave in each turn than have their turn the line does not grow without end', async () => {
  const departures = new Departures();
  const perTurn = 4 * DEPARTURES_A_TURN;
  let waiting = 0;
  for (let turn = 0; turn < 1_000; turn++) {
    for (let count = 0; count < perTurn; count++) {
      waiting += 1;
      departures.add({ leave: () => void waiting-- });
    }
    await nextTurn();
  }
  expect(waiting).toBeLessThan(100 * perTurn);
});

it('one whose socket is lost while it waits has no turn', async () => {
  const leaving = await Promise.all(Array.from({ length: 100 }, (_, index) => connected(world.broker, `c${index}`)));
  await readInOneTurn(leaving.map((each) => [each, goodbye]));
  const [lost, ...others] = leaving.filter(({ socket }) => !socket.ended);
  lost?.socket.destroy();
  expect(world.broker.departures.waitingCount).toBe(others.length);
  await settled();
  expect(lost?.socket.ended).toBe(false);
  expect(others.every(({ socket }) => socket.ended)).toBe(true);
});

it('who waits for that holds no place: a storm of those who come back is let in', async () => {
  const { departures } = world.broker;
  const onLimit = () => undefined;
  const limits = { maxConnections: 100, maxHandshakes: 1, maxWaiting: 1, handshakesPerSecond: 0 };
  const entrance = new Entrance({ ...limits, leaving: () => departures.waitingCount, onLimit });
  const isLetIn = (socket: FakeSocket) => entrance.enter(socket as unknown as Socket);
  const leaving = await Promise.all(Array.from({ length: 100 }, (_, index) => connected(world.broker, `c${index}`)));
  expect(leaving.every(({ socket }) => isLetIn(socket))).toBe(true);
  expect(isLetIn(new FakeSocket())).toBe(false);
  await readInOneTurn(leaving.map((each) => [each, goodbye]));
  const newcomers = leaving.filter(({ socket }) => !socket.ended).map(() => new FakeSocket());
  expect(newcomers.length).toBeGreaterThan(50);
  expect(newcomers.every(isLetIn)).toBe(true);
  expect(isLetIn(new FakeSocket())).toBe(false);
  // In the end each counts once.
  await settled();
  for (const { socket } of leaving) socket.destroy();
  expect(leaving.every(() => isLetIn(new FakeSocket()))).toBe(false);
  expect(entrance.openCount).toBe(100);
});

it('when the process stops nobody waits: neither who waits already nor who comes then', () => {
  const departures = new Departures();
  let left = 0;
  const leave = () => {
    for (let count = 0; count < 100; count++) departures.add({ leave: () => void left++ });
  };
  leave();
  departures.hurry();
  expect(left).toBe(100);
  leave();
  expect(left).toBe(200);
});
