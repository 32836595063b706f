import { ReasonCode } from '@milepost/mqtt';
import { expect, test, vi } from 'vitest';
import { connect, pass } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { FakeClient } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { ClientConnectRate } from '../limits/client-connect-rate.js';

const world = brokerWorld({ connectsPerClientPerMinute: 2 });

interface Attempt {
  version?: 4 | 5;
  gate?: GuestGate;
  stays?: boolean;
}

const guest = () => new GuestGate('192.0.2.1', new Set());

/** @returns the code of CONNACK, and the client. */
async function attempt(clientId: string, { version = 5, gate = guest(), stays = false }: Attempt = {}) {
  const client = new FakeClient(version);
  world.broker.receive(client.socket, gate);
  await client.send(connect(clientId, { protocolVersion: version }));
  const [connack] = client.heard();
  if (!stays) {
    client.socket.destroy();
    await client.send();
  }
  return { code: typeof connack === 'object' && connack.type === 'connack' ? connack.reasonCode : undefined, client };
}

const code = async (clientId: string, how?: Attempt) => (await attempt(clientId, how)).code;

test('one CONNECT of a client too many in a minute is refused with 0x9F, 3 in 3.1.1, and counted; others are not touched', async () => {
  expect([await code('c'), await code('c')]).toEqual([0, 0]);
  expect([await code('c'), await code('c', { version: 4 }), await code('d')]).toEqual([0x9f, 3, 0]);
  expect(await world.reached('client_connect_rate')).toBe(2);
  await pass(61);
  expect(await code('c')).toBe(0);
});

test('the connection that the client has stays, nothing is recorded, and why is reported', async () => {
  await code('c');
  const { client } = await attempt('c', { stays: true });
  const before = world.log.records.length;
  const reported: unknown[] = [];
  const gate = Object.assign(guest(), { report: (...what: unknown[]) => reported.push(what) });
  expect(await code('c', { gate })).toBe(0x9f);
  expect([client.socket.ended, client.heard(), world.log.records.length - before, gate.announced]).toEqual([false, [], 0, false]);
  expect(reported).toEqual([['connecting_too_often', 'this client has connected too often in the last minute; try again later']]);
});

test('a stranger who is not let in uses up nothing of whom he says he is', async () => {
  const stranger = guest();
  stranger.admit = () => ({ ok: false, reasonCode: ReasonCode.NotAuthorized, reason: 'bad_login', detail: 'no' });
  for (let times = 0; times < 5; times++) expect(await code('c', { gate: stranger })).toBe(0x87);
  expect([await code('c'), await code('c')]).toEqual([0, 0]);
});

test('a CONNECT that finds no place on record does not count', async () => {
  const full = guest();
  full.announce = () => Promise.resolve({ kind: 'withheld', code: 'buffer_full', message: 'no room' });
  for (let times = 0; times < 5; times++) expect(await code('c', { gate: full })).toBe(0x88);
  expect([await code('c'), await code('c'), await code('c')]).toEqual([0, 0, 0x9f]);
});

test('of a client that does not come again nothing is kept for longer than a minute', async () => {
  const sweep = vi.spyOn(ClientConnectRate.prototype, 'sweep');
  await code('c');
  await pass(59);
  const [rate] = sweep.mock.contexts as ClientConnectRate[];
  expect(rate?.size).toBe(1);
  await pass(2);
  expect(rate?.size).toBe(0);
  sweep.mockRestore();
});
