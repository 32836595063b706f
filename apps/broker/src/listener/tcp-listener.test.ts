import { once } from 'node:events';
import { connect as dial } from 'node:net';
import { Decoder, encode, type Packet } from '@milepost/mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BrokerLife, connect, life, publish, subscribe } from '../broker-life.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { MemoryLog } from '../log/memory-log.js';
import { Entrance } from './entrance/entrance.js';
import { TcpListener } from './tcp-listener.js';

let broker: BrokerLife;
let entrance: Entrance;
let listener: TcpListener;

beforeEach(async () => {
  broker = await life(new MemoryLog(), 1);
  const limits = { maxConnections: 10, maxHandshakes: 10, maxWaiting: 10, handshakesPerSecond: 0 };
  entrance = new Entrance({ ...limits, leaving: () => broker.departures.waitingCount, onLimit: () => undefined });
  listener = new TcpListener({
    host: '127.0.0.1',
    port: 0,
    backlog: 10,
    entrance,
    onConnection: (socket, address) => broker.receive(socket, new GuestGate(address, new Set())),
    onFailed: () => undefined,
    onOverload: () => undefined,
  });
});

afterEach(() => {
  listener.stopAccepting();
  entrance.destroy();
  broker.close();
});

/** Bytes of which none is like its neighbours, so that one that is missing, doubled or misplaced shows. */
const PATTERN = Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 31 + (index >> 8)) % 256));

describe.each([4, 5] as const)('over TCP, at level %i,', (protocolVersion) => {
  test('the bytes of both directions come whole and in order, whatever pieces they are sent in [MQTT-4.2.0-1, MQTT-7.1.1-1]', async () => {
    const socket = dial(await listener.listen(), '127.0.0.1');
    const decoder = new Decoder({ maxPacketBytes: 100_000, protocolVersion });
    const payloads: Buffer[] = [];
    const types: string[] = [];
    socket.on('data', (chunk) => {
      decoder.push(chunk);
      for (let packet = decoder.next(); packet !== undefined; packet = decoder.next())
        if (packet.type === 'publish') payloads.push(Buffer.from(packet.payload));
        else types.push(packet.type);
    });
    await once(socket, 'connect');
    const parts = Array.from({ length: 8 }, (_, part) => PATTERN.subarray(part * 6_250, (part + 1) * 6_250));
    const packets: Packet[] = [connect('c', { protocolVersion }), subscribe('t')];
    packets.push(...parts.map((payload, part) => publish(part + 1, '', { payload })));
    const bytes = Buffer.concat(packets.map((packet) => encode(packet, protocolVersion)));
    for (let from = 0, length = 1; from < bytes.length; from += length, length = (length * 7) % 1_009) {
      await new Promise((written) => socket.write(bytes.subarray(from, from + length), written));
    }
    await expect.poll(() => types).toEqual(['connack', 'suback', ...parts.map(() => 'puback')]);
    expect(Buffer.concat(payloads).equals(PATTERN)).toBe(true);
    socket.destroy();
  });
});
