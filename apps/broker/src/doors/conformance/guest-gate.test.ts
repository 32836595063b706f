import type { Connect } from '@milepost/mqtt';
import { expect, it } from 'vitest';
import { connect, life, subscribe } from '../../broker-life.fixture.js';
import { FakeClient } from '../../connections/fake-socket.fixture.js';
import { MemoryLog } from '../../log/memory-log.js';
import { GuestGate } from './guest-gate.js';

function clientIdFor(clientId: string): string | undefined {
  const connect: Connect = { type: 'connect', protocolVersion: 5, clientId, cleanStart: true, keepAliveSeconds: 0, properties: {} };
  const admittance = new GuestGate('127.0.0.1', new Set()).admit(connect);
  return admittance.ok ? admittance.access.clientId : undefined;
}

it('each guest without a client id gets one that no other has [MQTT-3.2.2-16]', () => {
  const given = Array.from({ length: 1_000 }, () => clientIdFor(''));
  expect(new Set(given).size).toBe(1_000);
  expect(given).not.toContain(undefined);
  expect(given).not.toContain('');
});

it.each([5, 4] as const)(
  'guests without a client id do not take over from one another at level %d [MQTT-3.1.3-6, v3 MQTT-3.1.3-6]',
  async (level) => {
    const broker = await life(new MemoryLog(), 1);
    const guests = [broker.plug(level), broker.plug(level)];
    for (const guest of guests) await guest.send(connect('', { protocolVersion: level, cleanStart: true }));
    expect(guests.map((guest) => guest.heard()[0])).toMatchObject([{ reasonCode: 0 }, { reasonCode: 0 }]);
    expect(guests.map(({ socket }) => socket.ended)).toEqual([false, false]);
  },
);

it('the client id that a guest was assigned names its session, as if it had sent that itself [MQTT-3.1.3-7]', async () => {
  const broker = await life(new MemoryLog(), 1);
  const guest = broker.plug();
  await guest.send(connect(''));
  const [connack] = guest.heard();
  const assigned = typeof connack === 'object' && connack.type === 'connack' ? connack.properties.assignedClientIdentifier : undefined;
  guest.socket.destroy();
  const back = broker.plug();
  await back.send(connect(assigned ?? 'none was assigned'));
  expect(back.heard()).toMatchObject([{ type: 'connack', reasonCode: 0, sessionPresent: true }]);
});

it('a guest that names itself keeps its name, whatever it is [MQTT-3.1.3-2, v3 MQTT-3.1.3-2]', () => {
  for (const clientId of ['truck-1', 'ü/日本 #+$', 'x'.repeat(300)]) expect(clientIdFor(clientId)).toBe(clientId);
});

it.each([5, 4] as const)(
  'a filter that the run refuses is answered with 0x80 at level %d, as public suites expect, and the others are granted',
  async (level) => {
    const broker = await life(new MemoryLog(), 1);
    const client = new FakeClient(level);
    broker.receive(client.socket, new GuestGate('192.0.2.1', new Set(['refused'])));
    await client.send(connect('guest', { protocolVersion: level }));
    client.heard();
    const { packetId, properties, subscriptions } = subscribe('refused');
    const others = subscribe('refused/not').subscriptions;
    await client.send({ type: 'subscribe', packetId, properties, subscriptions: [...subscriptions, ...others] });
    expect(client.heard()).toEqual([expect.objectContaining({ type: 'suback', reasonCodes: [0x80, 2] })]);
  },
);

it.each([
  [5, 0x87],
  [4, 5],
] as const)('a will below $SYS, where no guest may publish, is refused with CONNECT at level %d', async (level, code) => {
  const broker = await life(new MemoryLog(), 1);
  const client = broker.plug(level);
  const will = { topic: '$SYS/broker/version', payload: Buffer.from('x'), qos: 0, retain: true, properties: {} } as const;
  await client.send(connect('guest', { protocolVersion: level, will }));
  expect(client.heard()[0]).toMatchObject({ type: 'connack', reasonCode: code });
});
