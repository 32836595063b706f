import { DEFAULT_ROUTER_LIMITS, type Suback } from '@milepost/mqtt';
import { expect, test } from 'vitest';
import { connect, subscribe } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { FakeClient } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';

const world = brokerWorld({ router: { ...DEFAULT_ROUTER_LIMITS, maxSubscriptionsInAll: 3 } });

/** A client of that organisation, connected. */
async function member(organisation: string, version: 4 | 5 = 5): Promise<FakeClient> {
  const client = new FakeClient(version);
  const gate = new GuestGate('192.0.2.1', new Set());
  const admit = gate.admit.bind(gate);
  gate.admit = (packet) => {
    const admittance = admit(packet);
    const owner = { organisation, key: `guest/${organisation}/${packet.clientId}` };
    return admittance.ok ? { ok: true, access: { ...admittance.access, ...owner } } : admittance;
  };
  world.broker.receive(client.socket, gate);
  await client.send(connect(`c${version}`, { protocolVersion: version }));
  client.heard();
  return client;
}

async function codes(client: FakeClient, ...filters: string[]): Promise<number[]> {
  await client.send(...filters.map((filter) => subscribe(filter)));
  return client.heard().flatMap((packet) => (packet as Suback).reasonCodes);
}

test('one subscription of all organisations too many is refused with 0x97, 0x80 in 3.1.1, says why, and is counted', async () => {
  const [one, other, old] = [await member('acme'), await member('berg'), await member('berg', 4)];
  expect([await codes(one, 'a', 'b'), await codes(other, 'a')]).toEqual([[2, 2], [2]]);
  expect([await codes(one, 'c', 'a'), await codes(old, 'a')]).toEqual([[0x97, 2], [0x80]]);
  await other.send(subscribe('d'));
  expect(other.heard()).toMatchObject([{ properties: { reasonString: 'filter 1: The broker has as many subscriptions as it may have.' } }]);
  expect(await world.reached('subscriptions_all')).toBe(3);
  expect(await world.read('subscriptions')).toBe(3);
});
