import { describe, expect, test } from 'vitest';
import { connect, pass } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { FakeClient } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { withhold } from '../log/log.fixture.js';

const world = brokerWorld();

test.each([
  [5, 0x88],
  [4, 3],
] as const)('a login of level %d that cannot be judged is refused, and ends nothing but itself', async (version, reasonCode) => {
  const client = new FakeClient(version);
  const gate = new GuestGate('192.0.2.1', new Set());
  gate.admit = (() => Promise.reject(new Error('no memory to hash it'))) as unknown as typeof gate.admit;
  world.broker.receive(client.socket, gate);
  await client.send(connect('c', { protocolVersion: version }));
  expect(client.heard()).toMatchObject([{ type: 'connack', reasonCode }]);
  expect(client.socket.ended).toBe(true);
});

const will = { topic: 'w', payload: Buffer.from('gone'), qos: 1 as const, retain: false, properties: {} };

describe('a CONNECT whose session finds no place on record, while the log answers others,', () => {
  test.each([
    [5, 0x88],
    [4, 3],
  ] as const)('is answered at level %d when its time is over, and nothing of it is left', async (version, reasonCode) => {
    const letGo = withhold(world.log, ({ key, value }) => key === 'session:guest/default/c' && value !== null);
    const client = world.plug(version);
    await client.send(connect('c', { protocolVersion: version, will }));
    await pass(29);
    expect(client.heard()).toEqual([]);
    await pass(2);
    expect(client.heard()).toMatchObject([{ type: 'connack', reasonCode, sessionPresent: false }]);
    expect(client.socket.ended).toBe(true);
    expect(await world.reached('connack_time')).toBe(1);
    expect(world.broker.admission.waitingCount).toBe(0);
    letGo();
    const left = new Map(world.log.records.map(({ key, value }) => [key, value]));
    expect([left.get('session:guest/default/c') ?? null, left.get('will:guest/default/c')]).toEqual([null, null]);
    const back = world.plug(version);
    await back.send(connect('c', { protocolVersion: version }));
    expect(back.heard()).toMatchObject([{ type: 'connack', reasonCode: 0, sessionPresent: false }]);
  });

  test('is answered at once when the record of its connection finds none either', async () => {
    withhold(world.log, ({ key, value }) => (key === 'session:guest/default/c' || key === 'will:guest/default/c') && value !== null);
    const client = new FakeClient();
    const gate = new GuestGate('192.0.2.1', new Set());
    gate.announce = () => Promise.resolve({ kind: 'withheld', code: 'buffer_full', message: 'no room' });
    world.broker.receive(client.socket, gate);
    await client.send(connect('c', { will }));
    expect(client.heard()).toMatchObject([{ type: 'connack', reasonCode: 0x88 }]);
    expect(world.broker.admission.waitingCount).toBe(0);
  });
});
