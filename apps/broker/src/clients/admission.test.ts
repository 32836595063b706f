import { afterEach, expect, test } from 'vitest';
import { FakeClient } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { MemoryLog } from '../log/memory-log.js';
import { type BrokerLife, connect, life } from '../sessions/broker-life.fixture.js';

let broker: BrokerLife | undefined;

afterEach(() => broker?.close());

test.each([
  [5, 0x88],
  [4, 3],
] as const)('a login of level %d that cannot be judged is refused, and ends nothing but itself', async (version, reasonCode) => {
  broker = await life(new MemoryLog(), 1);
  const client = new FakeClient(version);
  const gate = new GuestGate('192.0.2.1', new Set());
  gate.admit = (() => Promise.reject(new Error('no memory to hash it'))) as unknown as typeof gate.admit;
  broker.receive(client.socket, gate);
  await client.send(connect('c', { protocolVersion: version }));
  expect(client.heard()).toMatchObject([{ type: 'connack', reasonCode }]);
  expect(client.socket.ended).toBe(true);
});
