import { on, once } from 'node:events';
import { request } from 'node:http';
import { Decoder, encode } from '@milepost/mqtt';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { BrokerProcess } from '../../fuzz/broker-process.js';

let broker: BrokerProcess;
let url: string;

beforeAll(async () => {
  broker = await BrokerProcess.start(['--ws-port', '0']);
  url = broker.webSocketUrl ?? '';
});

afterAll(() => broker.stop());

function connectBytes(protocolVersion: 4 | 5): Buffer {
  const properties = {};
  return encode(
    { type: 'connect', protocolVersion, cleanStart: true, keepAliveSeconds: 60, clientId: 'framed', properties },
    protocolVersion,
  );
}

async function opened(): Promise<WebSocket> {
  const webSocket = new WebSocket(url, ['mqtt'], { perMessageDeflate: false });
  await once(webSocket, 'open');
  return webSocket;
}

/** The types of the packets that come until there are so many. Frames that come in one read are all seen. */
async function answers(webSocket: WebSocket, protocolVersion: 4 | 5, count: number): Promise<string[]> {
  const decoder = new Decoder({ maxPacketBytes: 1_000_000, protocolVersion });
  const types: string[] = [];
  for await (const [data] of on(webSocket, 'message') as AsyncIterable<[Buffer]>) {
    decoder.push(data);
    for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) types.push(packet.type);
    if (types.length >= count) break;
  }
  return types;
}

/** The status with which an upgrade is refused. */
async function refusedWith(at: string, subprotocols: string[]): Promise<number | undefined> {
  const webSocket = new WebSocket(at, subprotocols);
  webSocket.on('error', () => undefined);
  const [, response] = await once(webSocket, 'unexpected-response');
  webSocket.terminate();
  return response.statusCode;
}

it.each([4, 5] as const)(
  'an MQTT client of level %d publishes and is delivered to over WebSocket [MQTT-6.0.0-3, MQTT-6.0.0-4]',
  async (protocolVersion) => {
    const client = await connectAsync(url, { protocolVersion, reconnectPeriod: 0 });
    const payload = Buffer.alloc(300_000, protocolVersion);
    await client.subscribeAsync('some/topic', { qos: 2 });
    const received = new Promise<[string, Buffer]>((resolve) => {
      client.once('message', (...message) => resolve([message[0], message[1]]));
    });
    await client.publishAsync('some/topic', payload, { qos: 2 });
    const [topic, message] = await received;
    expect(topic).toBe('some/topic');
    expect(message.equals(payload)).toBe(true);
    await client.endAsync();
  },
);

it('of several subprotocols mqtt is picked, and the extension that compresses is not [MQTT-6.0.0-4]', async () => {
  const webSocket = new WebSocket(url, ['mqttv3.1', 'mqtt']);
  await once(webSocket, 'open');
  expect(webSocket.protocol).toBe('mqtt');
  expect(webSocket.extensions).toBe('');
  webSocket.terminate();
});

it('an upgrade without the subprotocol mqtt is refused with 400 [MQTT-6.0.0-3]', async () => {
  expect(await refusedWith(url, [])).toBe(400);
  expect(await refusedWith(url, ['mqttv3.1'])).toBe(400);
});

it('another path is not found, and a request that is no upgrade is told so', async () => {
  expect(await refusedWith(url.replace(/mqtt$/, 'other'), ['mqtt'])).toBe(404);
  const plain = request(url.replace(/^ws/, 'http')).end();
  const [response] = await once(plain, 'response');
  expect(response.statusCode).toBe(426);
  response.resume();
});

it.each([4, 5] as const)(
  'one packet of level %d may span frames, and one frame hold several packets [MQTT-6.0.0-2]',
  async (protocolVersion) => {
    const webSocket = await opened();
    for (const byte of connectBytes(protocolVersion)) webSocket.send(Buffer.of(byte));
    const ping = encode({ type: 'pingreq' }, protocolVersion);
    webSocket.send(Buffer.concat([ping, ping, ping.subarray(0, 1)]));
    webSocket.send(ping.subarray(1));
    expect(await answers(webSocket, protocolVersion, 4)).toEqual(['connack', 'pingresp', 'pingresp', 'pingresp']);
    webSocket.close();
  },
);

it.each([4, 5] as const)(
  'what is sent at level %d is in binary frames, and a text frame closes the connection [MQTT-6.0.0-1]',
  async (protocolVersion) => {
    const webSocket = await opened();
    webSocket.send(connectBytes(protocolVersion));
    const [, isBinary] = await once(webSocket, 'message');
    expect(isBinary).toBe(true);
    webSocket.send('text');
    const [code] = await once(webSocket, 'close');
    expect(code).toBe(1003);
  },
);

it('a message larger than any packet closes the connection', async () => {
  const webSocket = await opened();
  webSocket.on('error', () => undefined);
  webSocket.send(Buffer.alloc(1024 * 1024));
  const [code] = await once(webSocket, 'close');
  expect([1009, 1006]).toContain(code);
});
