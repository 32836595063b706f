import { once } from 'node:events';
import { get, type Server } from 'node:http';
import { type AddressInfo, connect as dial, Socket } from 'node:net';
import { Decoder, encode, type Packet, type ProtocolVersion } from '@milepost/mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type BrokerLife, connect, life, publish, subscribe } from '../broker-life.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { MemoryLog } from '../log/memory-log.js';
import { createWebSocketListener, type UpgradeFault } from './web-socket-listener.js';

let broker: BrokerLife;
let listener: Server;
let url: string;
/** Of the connection that was opened last, the broker's end below the frames. */
let below: Socket;
let faults: UpgradeFault[];
let reached: string[];

beforeEach(async () => {
  broker = await life(new MemoryLog(), 1);
  faults = [];
  reached = [];
  listener = createWebSocketListener({
    maxPacketBytes: 1_000,
    upgradeTimeoutMs: 10_000,
    onFault: (_carrier, fault) => faults.push(fault),
    onLimit: (limit) => reached.push(limit),
    onOpen: (client, carrier) => {
      below = carrier;
      broker.receive(client, new GuestGate('192.0.2.1', new Set()));
    },
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  url = `ws://127.0.0.1:${(listener.address() as AddressInfo).port}/mqtt`;
});

afterEach(() => {
  listener.close();
  listener.closeAllConnections();
  broker.close();
});

/** A WebSocket and what has come over it. */
async function opened(protocolVersion: ProtocolVersion, subprotocols = ['mqtt']) {
  const webSocket = new WebSocket(url, subprotocols, { perMessageDeflate: false });
  const decoder = new Decoder({ maxPacketBytes: 1_000, protocolVersion });
  const heard: string[] = [];
  webSocket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) heard.push('a text frame');
    decoder.push(data);
    for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) heard.push(packet.type);
  });
  await once(webSocket, 'open');
  return { webSocket, heard };
}

/** The status with which an upgrade is refused. */
async function refusal(subprotocols: string[]): Promise<number | undefined> {
  const webSocket = new WebSocket(url, subprotocols);
  webSocket.on('error', () => undefined);
  const [, { statusCode }] = await once(webSocket, 'unexpected-response');
  webSocket.terminate();
  return statusCode;
}

describe.each([4, 5] as const)('over WebSocket, at level %i,', (protocolVersion) => {
  const bytes = (...packets: Packet[]) => Buffer.concat(packets.map((packet) => encode(packet, protocolVersion)));
  const hello = bytes(connect('c', { protocolVersion }));
  const untilHeard = (heard: string[], types: string[]) => expect.poll(() => heard).toEqual(types);

  test('a client is spoken to in binary frames, and a text frame closes its connection [MQTT-6.0.0-1]', async () => {
    const { webSocket, heard } = await opened(protocolVersion);
    webSocket.send(hello);
    webSocket.send(bytes(subscribe('t'), publish(1, 'x')));
    await untilHeard(heard, ['connack', 'suback', 'publish', 'puback']);
    webSocket.send('text');
    const [code] = await once(webSocket, 'close');
    expect(code).toBe(1003);
  });

  test('packets span frames, and frames hold several packets [MQTT-6.0.0-2]', async () => {
    const { webSocket, heard } = await opened(protocolVersion);
    for (const byte of hello) webSocket.send(Buffer.of(byte));
    const ping = bytes({ type: 'pingreq' });
    webSocket.send(Buffer.concat([ping, ping, ping.subarray(0, 1)]));
    webSocket.send(ping.subarray(1));
    await untilHeard(heard, ['connack', 'pingresp', 'pingresp', 'pingresp']);
    webSocket.terminate();
  });

  test('a client that does not offer the subprotocol mqtt is refused, and one that does is heard [MQTT-6.0.0-3]', async () => {
    expect([await refusal([]), await refusal(['mqttv3.1'])]).toEqual([400, 400]);
    const { webSocket, heard } = await opened(protocolVersion);
    webSocket.send(hello);
    await untilHeard(heard, ['connack']);
    webSocket.terminate();
  });

  test('of several subprotocols mqtt is picked, and spoken [MQTT-6.0.0-4]', async () => {
    const { webSocket, heard } = await opened(protocolVersion, ['mqttv3.1', 'mqtt']);
    expect(webSocket.protocol).toBe('mqtt');
    webSocket.send(hello);
    await untilHeard(heard, ['connack']);
    webSocket.terminate();
  });
});

describe('a client that sends its bytes in pieces that cost more than they hold', () => {
  const MASKED = [0, 0, 0, 0];
  /** The first bytes of a binary frame that is to have 60,000 more, and of one message's beginning or middle. */
  const head = Buffer.from([0x82, 0xfe, 0xea, 0x60, ...MASKED]);
  const begins = Buffer.from([0x02, 0x81, ...MASKED, 0x10]);
  const goesOn = Buffer.from([0x00, 0x81, ...MASKED, 0x10]);

  test.each([
    ['a frame', head, (): Buffer => Buffer.alloc(1), 5_000],
    ['a message', begins, (): Buffer => goesOn, 2_000],
  ])('is sent away when %s has too many of them', async (_of, first, next, count) => {
    const { webSocket } = await opened(5);
    below.emit('data', first);
    for (let piece = 0; piece < count; piece++) below.emit('data', next());
    const [code] = await once(webSocket, 'close');
    expect([code, reached]).toEqual([1008, ['message_pieces']]);
  });
});

test.each([
  ['one frame', [true]],
  ['several', [false, true]],
])('a message that is larger than it may be, in %s, closes its connection, and is counted', async (_in, isLast) => {
  const { webSocket } = await opened(5);
  for (const fin of isLast) webSocket.send(Buffer.alloc(66_000 / isLast.length + 540), { fin });
  const [code] = await once(webSocket, 'close');
  expect([code, reached]).toEqual([1009, ['message_bytes']]);
});

describe('whoever is sent away is told of, with the reason:', () => {
  const wrong = (detail: string) => [{ kind: 'wrong', detail: expect.stringContaining(detail) }];
  const portOf = () => (listener.address() as AddressInfo).port;

  test('another path, and no subprotocol', async () => {
    await refusal([]);
    url = url.replace(/mqtt$/, 'ws');
    await refusal(['mqtt']);
    expect(faults).toEqual([...wrong('subprotocol mqtt'), ...wrong('the path is /ws')]);
  });

  test.each([
    ['/mqtt', 426, 'no upgrade'],
    ['/healthz', 404, 'the path is /healthz'],
  ])('a request for %s that is no upgrade', async (path, status, detail) => {
    const [response] = await once(get({ port: portOf(), host: '127.0.0.1', path }), 'response');
    expect([response.statusCode, faults]).toEqual([status, wrong(detail)]);
    response.resume();
  });

  test('MQTT without WebSocket', async () => {
    const socket = dial(portOf(), '127.0.0.1').on('error', () => undefined);
    socket.write(encode(connect('c'), 5));
    const [answer] = await once(socket, 'data');
    expect([String(answer).slice(0, 12), faults]).toEqual(['HTTP/1.1 400', wrong('MQTT without WebSocket?')]);
    await once(socket.resume(), 'close');
  });

  test.each([
    ['ends', (socket: Socket) => socket.end()],
    ['is lost', (socket: Socket) => socket.resetAndDestroy()],
  ])('nobody whose connection only %s', async (_how, go) => {
    const socket = dial(portOf(), '127.0.0.1');
    socket.write('GET /mqtt HTTP/1.1\r\n');
    const [there] = (await once(listener, 'connection')) as [Socket];
    await expect.poll(() => there.bytesRead).toBeGreaterThan(0);
    go(socket);
    await new Promise((closed) => there.once('close', closed));
    expect(faults).toEqual([]);
  });

  test('who asks for nothing in time', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const carrier = new Socket();
      listener.emit('connection', carrier);
      vi.advanceTimersByTime(10_000);
      expect([carrier.destroyed, faults]).toEqual([true, [{ kind: 'late' }]]);
    } finally {
      vi.useRealTimers();
    }
  });
});
