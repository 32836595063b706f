import {
  type ConnectionEnd,
  type ConnectionOptions,
  DEFAULT_CONNECTION_OPTIONS,
  DEFAULT_ROUTER_LIMITS,
  DEFAULT_SESSION_LIMITS,
  type Disconnect,
  encode,
  type Packet,
  type RouterLimits,
  type Suback,
} from '@milepost/mqtt';
import { createLogger, createMetrics } from '@milepost/runtime';
import { expect, test } from 'vitest';
import { createCore } from '../broker-core.js';
import { FakeClient } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { MemoryLog } from '../log/memory-log.js';
import { BrokerMetrics } from '../metrics.js';
import { publish, subscribe } from '../sessions/broker-life.fixture.js';
import { limitOfEnd } from './reached-limits.js';

interface Limits {
  connections?: Partial<ConnectionOptions>;
  router?: Partial<RouterLimits>;
}

/** A connected client of a broker with such limits, and what it has counted. */
async function connected({ connections, router }: Limits) {
  const metrics = new BrokerMetrics(createMetrics('broker'));
  const log = new MemoryLog();
  const core = await createCore({
    log,
    reader: log,
    node: 'a',
    epoch: 1,
    partitions: 1,
    connections: { ...DEFAULT_CONNECTION_OPTIONS, ...connections },
    limits: DEFAULT_SESSION_LIMITS,
    router: { ...DEFAULT_ROUTER_LIMITS, ...router },
    maxProcessBytes: 1_000_000,
    maxQoS0Bytes: 0,
    metrics,
    logger: createLogger({ app: 'test', level: 'silent' }),
  });
  const client = new FakeClient();
  core.receive(client.socket, new GuestGate('192.0.2.1', new Set()));
  const connect: Packet = { type: 'connect', protocolVersion: 5, clientId: 'c', cleanStart: true, keepAliveSeconds: 0, properties: {} };
  await client.send(connect);
  client.heard();
  return { client, log, close: core.close, reached: (limit: string) => metrics.read({ name: 'limits_reached_total', labels: { limit } }) };
}

test('each subscription beyond the limit is refused with 0x97, and counted', async () => {
  const { client, reached, close } = await connected({ router: { maxSubscriptionsPerSubscriber: 1, maxFilterLevels: 2 } });
  await client.send(subscribe('a/b/c'), subscribe('a'), subscribe('b'), subscribe('c'));
  expect(client.heard().map((packet) => (packet as Suback).reasonCodes)).toEqual([[0x97], [2], [0x97], [0x97]]);
  expect([await reached('subscriptions'), await reached('filter_levels')]).toEqual([2, 1]);
  close();
});

test('one publish beyond Receive Maximum is 0x93, and counted', async () => {
  const { client, log, reached, close } = await connected({ connections: { receiveMaximum: 2 } });
  log.pause();
  await client.send(publish(1, 'a'), publish(2, 'b'), publish(3, 'c'));
  expect((client.heard()[0] as Disconnect).reasonCode).toBe(0x93);
  expect(await reached('receive_maximum')).toBe(1);
  close();
});

test('a packet that is too large is 0x95, and counted', async () => {
  const { client, reached, close } = await connected({ connections: { maxPacketBytes: 100 } });
  client.socket.emit('data', encode(publish(1, 'x'.repeat(200)), 5));
  await client.send();
  expect((client.heard()[0] as Disconnect).reasonCode).toBe(0x95);
  expect(await reached('packet_bytes')).toBe(1);
  close();
});

test('a retained message too many is refused with 0x97, and counted', async () => {
  const { client, reached, close } = await connected({ router: { maxMessages: 1 } });
  await client.send(publish(1, 'a', { topic: 'a', retain: true }));
  await client.send(publish(2, 'b', { topic: 'b', retain: true }));
  expect(client.heard()).toMatchObject([{ reasonCode: 0 }, { reasonCode: 0x97 }]);
  expect(await reached('retained_messages')).toBe(1);
  close();
});

test('a client that is not read, as too much of it is unacknowledged, is counted', async () => {
  const { client, log, reached, close } = await connected({ connections: { maxUnacknowledgedBytes: 100, readAheadBytes: 50 } });
  log.pause();
  await client.send(publish(1, 'x'.repeat(90)), publish(2, 'x'.repeat(90)), publish(3, 'x'.repeat(90)));
  expect([client.socket.paused, await reached('unacknowledged')]).toEqual([true, 1]);
  close();
});

test('what a client says of a limit of its own is not counted as ours', () => {
  const end: ConnectionEnd = {
    cause: 'client_disconnect_with_will',
    reasonCode: 0x93,
    detail: '',
    established: true,
    will: { kind: 'none' },
    sessionExpirySeconds: 0,
  };
  expect(limitOfEnd(end)).toBeUndefined();
  expect(limitOfEnd({ ...end, cause: 'protocol_error' })).toBe('receive_maximum');
});
