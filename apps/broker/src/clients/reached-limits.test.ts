import {
  type ConnectionEnd,
  type ConnectionOptions,
  DEFAULT_CONNECTION_OPTIONS,
  DEFAULT_ROUTER_LIMITS,
  type Disconnect,
  encode,
  type RouterLimits,
  type Suback,
} from '@milepost/mqtt';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { connect, life, publish, subscribe } from '../broker-life.fixture.js';
import { MemoryLog } from '../log/memory-log.js';
import { BrokerMetrics } from '../metrics.js';
import { limitOfEnd } from './reached-limits.js';

interface Limits {
  connections?: Partial<ConnectionOptions>;
  router?: Partial<RouterLimits>;
}

/** A connected client of a broker with such limits, and what it has counted. */
async function connected({ connections, router }: Limits) {
  const metrics = new BrokerMetrics(new Registry());
  const log = new MemoryLog();
  const { plug, close } = await life(log, 1, {
    connections: { ...DEFAULT_CONNECTION_OPTIONS, ...connections },
    router: { ...DEFAULT_ROUTER_LIMITS, ...router },
    metrics,
  });
  const client = plug();
  await client.send(connect('c', { cleanStart: true, properties: {} }));
  client.heard();
  return { client, log, close, reached: (limit: string) => metrics.read({ name: 'limits_reached_total', labels: { limit } }) };
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
