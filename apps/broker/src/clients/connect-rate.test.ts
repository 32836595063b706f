import type { Connack } from '@milepost/mqtt';
import { expect, it } from 'vitest';
import { connect } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { FakeClient } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';

// One at once; the next one in seconds.
const world = brokerWorld({ connectsPerSecond: 1 });

it.each([
  [5, 0x9f],
  [4, 3],
] as const)('of MQTT level %d whoever connects beyond the rate is told so, and its login is not looked at', async (version, refusal) => {
  const asked: string[] = [];
  const codes: number[] = [];
  for (const clientId of ['one', 'two']) {
    const client = new FakeClient(version);
    const gate = new GuestGate('192.0.2.1', new Set());
    const admit = gate.admit.bind(gate);
    gate.admit = (packet) => {
      asked.push(packet.clientId);
      return admit(packet);
    };
    world.broker.receive(client.socket, gate);
    await client.send(connect(clientId, { protocolVersion: version, cleanStart: true, properties: {} }));
    codes.push((client.heard()[0] as Connack).reasonCode);
  }
  expect(codes).toEqual([0, refusal]);
  expect(asked).toEqual(['one']);
  expect(await world.reached('connect_rate')).toBe(1);
});
