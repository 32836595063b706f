import {
  type Connect,
  DEFAULT_CONNECTION_OPTIONS,
  DEFAULT_ROUTER_LIMITS,
  DEFAULT_SESSION_LIMITS,
  type Publish,
  type QoS,
} from '@milepost/mqtt';
import { createLogger } from '@milepost/runtime';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCore } from '../broker-core.js';
import { FakeClient, settled } from '../connections/fake-socket.fixture.js';
import { GUESTS, GuestGate } from '../doors/conformance/guest-gate.js';
import { MemoryLog } from '../log/memory-log.js';
import { BrokerMetrics } from '../metrics.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function broker(sysOrganisation = GUESTS) {
  const log = new MemoryLog();
  const metrics = new BrokerMetrics(new Registry());
  const core = await createCore({
    log,
    reader: log,
    node: 'n',
    epoch: 1,
    partitions: 1,
    connections: { ...DEFAULT_CONNECTION_OPTIONS, sharedSubscriptionsAvailable: true },
    limits: DEFAULT_SESSION_LIMITS,
    router: { ...DEFAULT_ROUTER_LIMITS, maxMessages: 1 },
    maxProcessBytes: 1_000_000,
    maxQoS0Bytes: 10_000,
    sysOrganisation,
    metrics,
    logger: createLogger({ app: 'test', level: 'silent' }),
  });
  const plug = async (clientId: string, ...filters: string[]) => {
    const client = new FakeClient();
    core.receive(client.socket, new GuestGate('192.0.2.1', new Set()));
    await client.send(connect(clientId));
    for (const filter of filters) await client.send(subscribe(filter));
    return client;
  };
  const pass = async (ms: number) => {
    vi.advanceTimersByTime(ms);
    await settled();
  };
  return { core, log, metrics, plug, pass };
}

const connect = (clientId: string): Connect => ({
  type: 'connect',
  protocolVersion: 5,
  clientId,
  cleanStart: true,
  keepAliveSeconds: 0,
  properties: {},
});
const subscribe = (filter: string) => ({
  type: 'subscribe' as const,
  packetId: 1,
  subscriptions: [{ filter, qos: 2 as QoS, noLocal: false, retainAsPublished: false, retainHandling: 0 as const }],
  properties: {},
});
const retained = (topic: string): Publish => ({
  type: 'publish',
  topic,
  payload: Buffer.from('x'),
  qos: 1,
  retain: true,
  dup: false,
  packetId: 9,
  properties: {},
});
const publishes = (client: FakeClient) =>
  client.heard().flatMap((packet) => (typeof packet === 'object' && packet.type === 'publish' ? [packet] : []));
const told = (client: FakeClient) =>
  Object.fromEntries(publishes(client).map(({ topic, payload }) => [topic.replace('$SYS/broker/', ''), String(payload)]));

test('who subscribes to $SYS/# gets every value at once, retained and with QoS 0, and again each ten seconds', async () => {
  const { plug, pass } = await broker();
  const client = await plug('c', '$SYS/#');
  const first = publishes(client);
  expect(first.map(({ topic }) => topic)).toHaveLength(25);
  expect(first.every(({ qos, retain }) => qos === 0 && retain)).toBe(true);
  await pass(9_999);
  expect(publishes(client)).toEqual([]);
  await pass(1);
  const again = publishes(client);
  expect(again.map(({ topic }) => topic).sort()).toEqual(first.map(({ topic }) => topic).sort());
  expect(again.some(({ retain }) => retain)).toBe(false);
});

test('the values are those of now, and of Prometheus', async () => {
  const { core, metrics, plug, pass } = await broker();
  const client = await plug('c', '$SYS/#', 'a/+', '$share/g/b');
  const other = await plug('d');
  await other.send(retained('a/b'));
  other.socket.destroy();
  client.heard();
  await pass(10_000);
  const values = told(client);
  expect(values).toMatchObject({
    version: expect.stringMatching(/^milepost \d+\.\d+\.\d+/) as string,
    uptime: '10',
    'clients/connected': '1',
    'clients/disconnected': '0',
    'clients/total': '1',
    'clients/maximum': '2',
    'messages/received': '6',
    'publish/messages/received': '1',
    'publish/messages/dropped': '0',
    'subscriptions/count': '3',
    'shared_subscriptions/count': '1',
    'retained messages/count': '1',
  });
  expect(await metrics.read({ name: 'mqtt_bytes_total', labels: { direction: 'in' } })).toBe(Number(values['bytes/received']));
  const perMinute = (6 / 10) * 60;
  expect(values['load/messages/received/1min']).toBe((perMinute * (1 - Math.exp(-10 / 60))).toFixed(2));
  expect(values['load/connections/15min']).toBe((12 * (1 - Math.exp(-10 / 900))).toFixed(2));
  core.close();
  await pass(20_000);
  expect(publishes(client)).toEqual([]);
});

test('a filter that begins with a wildcard gets none of them, at once or later [MQTT-4.7.2-1]', async () => {
  const { plug, pass } = await broker();
  const client = await plug('c', '#', '+/broker/uptime', '+/#');
  await pass(10_000);
  expect(publishes(client)).toEqual([]);
});

test('another organisation sees nothing of them', async () => {
  const { plug, pass } = await broker('operators');
  const client = await plug('c', '$SYS/#');
  await pass(10_000);
  expect(publishes(client)).toEqual([]);
});

test('they are in no log, take no room of the retained messages, and no client publishes them', async () => {
  const { log, plug, pass } = await broker();
  const client = await plug('c');
  await client.send(retained('a'), retained('$SYS/broker/uptime'));
  expect(client.heard()).toMatchObject([{ type: 'connack' }, { type: 'puback', reasonCode: 0 }, { type: 'puback', reasonCode: 0x87 }]);
  await pass(10_000);
  await client.send(subscribe('$SYS/broker/uptime'));
  expect(told(client)).toEqual({ uptime: '10' });
  expect(log.records.some(({ key, value }) => `${String(key)}${String(value)}`.includes('$SYS'))).toBe(false);
});
