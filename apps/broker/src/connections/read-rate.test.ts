import { DEFAULT_CONNECTION_OPTIONS, DEFAULT_ROUTER_LIMITS, DEFAULT_SESSION_LIMITS, type Packet } from '@milepost/mqtt';
import { createLogger, createMetrics } from '@milepost/runtime';
import { afterEach, beforeEach, expect, it, test, vi } from 'vitest';
import { createCore } from '../broker-core.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { MemoryLog } from '../log/memory-log.js';
import { BrokerMetrics } from '../metrics.js';
import { FakeClient } from './fake-socket.fixture.js';
import { ReadRate } from './read-rate.js';

// By a clock of the test: tokens come back while a machine is busy with something else.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function connected(rates: { packetsPerSecond: number; bytesPerSecond: number }) {
  const metrics = new BrokerMetrics(createMetrics('broker'));
  const log = new MemoryLog();
  const { receive, close } = await createCore({
    log,
    reader: log,
    node: 'a',
    epoch: 1,
    partitions: 1,
    connections: DEFAULT_CONNECTION_OPTIONS,
    limits: DEFAULT_SESSION_LIMITS,
    router: DEFAULT_ROUTER_LIMITS,
    maxProcessBytes: 1_000_000,
    maxQoS0Bytes: 1_000_000,
    rates,
    metrics,
    logger: createLogger({ app: 'test', level: 'silent' }),
  });
  const client = new FakeClient();
  receive(client.socket, new GuestGate('192.0.2.1', new Set()));
  const connect: Packet = { type: 'connect', protocolVersion: 5, clientId: 'c', cleanStart: true, keepAliveSeconds: 0, properties: {} };
  await client.send(connect);
  client.heard();
  return { client, metrics, close };
}

const ping: Packet = { type: 'pingreq' };

it.each([
  ['packet_rate', { packetsPerSecond: 10, bytesPerSecond: 0 }],
  ['byte_rate', { packetsPerSecond: 0, bytesPerSecond: 40 }],
] as const)('a client over its %s is answered, is not read for a while, then read again, and stays', async (limit, rates) => {
  const { client, metrics, close } = await connected(rates);
  expect(client.socket.paused).toBe(false);
  await client.send(...Array.from({ length: 15 }, () => ping));
  expect(client.heard().length).toBe(15);
  expect(client.socket.paused).toBe(true);
  expect(await metrics.read({ name: 'limits_reached_total', labels: { limit } })).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(client.socket.paused).toBe(false);
  await client.send(ping);
  expect(client.heard()).toEqual([{ type: 'pingresp' }]);
  close();
});

test('a client within its rates is not held up, and without rates nothing is counted', () => {
  expect(ReadRate.of({ packetsPerSecond: 0, bytesPerSecond: 0 }, undefined, 0)).toBeUndefined();
  const rate = ReadRate.of({ packetsPerSecond: 10, bytesPerSecond: 1_000 }, undefined, 0);
  expect(rate?.spend(1_000, 10, 0)).toBeUndefined();
  expect(rate?.spend(100, 0, 0)).toEqual({ limit: 'byte_rate', waitMs: 100 });
  expect(rate?.spend(0, 4, 100)).toEqual({ limit: 'packet_rate', waitMs: 300 });
});
