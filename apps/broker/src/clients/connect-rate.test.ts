import type { Connack, Packet } from '@milepost/mqtt';
import { DEFAULT_CONNECTION_OPTIONS, DEFAULT_ROUTER_LIMITS, DEFAULT_SESSION_LIMITS } from '@milepost/mqtt';
import { createLogger, createMetrics } from '@milepost/runtime';
import { expect, it } from 'vitest';
import { createCore } from '../broker-core.js';
import { FakeClient } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { MemoryLog } from '../log/memory-log.js';
import { BrokerMetrics } from '../metrics.js';

it.each([
  [5, 0x9f],
  [4, 3],
] as const)('of MQTT level %d whoever connects beyond the rate is told so, and its login is not looked at', async (version, refusal) => {
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
    maxQoS0Bytes: 0,
    // One at once; the next one in seconds.
    connectsPerSecond: 1,
    metrics,
    logger: createLogger({ app: 'test', level: 'silent' }),
  });
  const asked: string[] = [];
  const codes: number[] = [];
  for (const clientId of ['one', 'two']) {
    const client = new FakeClient(version);
    const gate = new GuestGate('192.0.2.1', new Set());
    const admit = gate.admit.bind(gate);
    gate.admit = (connect) => {
      asked.push(connect.clientId);
      return admit(connect);
    };
    receive(client.socket, gate);
    const connect: Packet = { type: 'connect', protocolVersion: version, clientId, cleanStart: true, keepAliveSeconds: 0, properties: {} };
    await client.send(connect);
    codes.push((client.heard()[0] as Connack).reasonCode);
  }
  expect(codes).toEqual([0, refusal]);
  expect(asked).toEqual(['one']);
  expect(await metrics.read({ name: 'limits_reached_total', labels: { limit: 'connect_rate' } })).toBe(1);
  close();
});
