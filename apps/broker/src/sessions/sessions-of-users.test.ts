import { expect, test } from 'vitest';
import { connect, pass } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { operatorKey } from '../clients/client-key.js';
import { FakeClient, settled } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';

const world = brokerWorld({ maxSessionsPerUser: 2 });

/** @returns the code of CONNACK. */
async function login(user: string, clientId: string, { version = 5 as 4 | 5, cleanStart = false } = {}) {
  const client = new FakeClient(version);
  const gate = new GuestGate('192.0.2.1', new Set());
  const admit = gate.admit.bind(gate);
  gate.admit = (packet) => {
    const admittance = admit(packet);
    return admittance.ok ? { ok: true, access: { ...admittance.access, key: operatorKey('acme', user, clientId) } } : admittance;
  };
  world.broker.receive(client.socket, gate);
  await client.send(connect(clientId, { protocolVersion: version, cleanStart }));
  const [connack] = client.heard();
  client.socket.destroy();
  await settled();
  return typeof connack === 'object' && connack.type === 'connack' ? connack.reasonCode : undefined;
}

test('one session of a user too many is refused with 0x97, 3 in 3.1.1, and counted; others, and what it has, are not touched', async () => {
  expect([await login('anna', 'a'), await login('anna', 'b')]).toEqual([0, 0]);
  expect([await login('anna', 'c'), await login('anna', 'c', { version: 4 })]).toEqual([0x97, 3]);
  expect([await login('anna', 'a'), await login('anna', 'b', { cleanStart: true }), await login('berta', 'c')]).toEqual([0, 0, 0]);
  expect(await world.reached('sessions')).toBe(2);
});

test('a session that has expired makes room for another', async () => {
  await login('anna', 'a');
  await login('anna', 'b');
  await pass(601);
  expect([await login('anna', 'c'), await login('anna', 'd'), await login('anna', 'e')]).toEqual([0, 0, 0x97]);
});

test('sessions of the process before count as well', async () => {
  await login('anna', 'a');
  await login('anna', 'b');
  await world.restart();
  expect([await login('anna', 'c'), await login('anna', 'a')]).toEqual([0x97, 0]);
});
