import { describe, expect, test } from 'vitest';
import {
  ack,
  type BrokerLife,
  connect,
  connected,
  heardInShort,
  pass,
  publish,
  sharedMembers,
  subscribe,
  texts,
} from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { FakeClient, settled } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { holdBack } from '../log/log.fixture.js';

const world = brokerWorld();

const CLAIM = 'session:guest/default/s';

/** The record of a connection that comes through it finds no place. */
function gateWithoutRoom(): GuestGate {
  const gate = new GuestGate('192.0.2.1', new Set());
  gate.announce = () => Promise.resolve({ kind: 'withheld', code: 'buffer_full', message: 'no room' });
  return gate;
}

describe.each([
  ['Clean Start with a session that outlives it', { cleanStart: true }],
  ['Clean Start without', { cleanStart: true, properties: {} }],
  ['Clean Session 1 of 3.1.1', { cleanStart: true, protocolVersion: 4, properties: {} }],
] as const)('a CONNECT with %s', (_name, more) => {
  const version = 'protocolVersion' in more ? more.protocolVersion : 5;

  /** A session whose client is away, with a message in flight and one that waits. */
  async function away() {
    const first = world.plug(version);
    await first.send(connect('s', { protocolVersion: version }), subscribe('t'));
    const publisher = world.plug();
    await publisher.send(connect('p'), publish(1, 'a'));
    first.socket.destroy();
    await publisher.send(publish(2, 'b'));
    await settled();
    return publisher;
  }

  const again = async (of: BrokerLife) => {
    const client = await connected(of, 's', { protocolVersion: version });
    return heardInShort(client);
  };

  const refusals: [string, (client: FakeClient) => Promise<void>][] = [
    [
      'because its connection is not on record',
      async (client) => {
        world.broker.receive(client.socket, gateWithoutRoom());
        await client.send(connect('s', more));
      },
    ],
    [
      'because its session is not',
      async (client) => {
        const letGo = holdBack(world.log, ({ key }) => key === CLAIM);
        world.broker.receive(client.socket, new GuestGate('192.0.2.1', new Set()));
        await client.send(connect('s', more));
        expect(heardInShort(client)).toEqual([]);
        await pass(31);
        letGo();
      },
    ],
    [
      'because its client is gone',
      async (client) => {
        const letGo = holdBack(world.log, ({ key }) => key === CLAIM);
        world.broker.receive(client.socket, new GuestGate('192.0.2.1', new Set()));
        await client.send(connect('s', more));
        client.socket.destroy();
        letGo();
        await settled();
      },
    ],
  ];

  test.each(refusals)(
    'that comes to nothing, %s, leaves the earlier session as it was, here and in the next life',
    async (_why, comeToNothing) => {
      const publisher = await away();
      const client = new FakeClient(version);
      await comeToNothing(client);
      expect(client.heard().filter((packet) => typeof packet === 'object' && packet.type === 'connack' && packet.reasonCode === 0)).toEqual(
        [],
      );
      await publisher.send(publish(3, 'c'));
      const next = await world.nextLife();
      expect(await again(next)).toEqual(['connack', 'a', 'b', 'c']);
      expect(await again(world.broker)).toEqual(['connack', 'a', 'b', 'c']);
    },
  );

  test("ends the earlier session wherever the log is cut after CONNACK, and what came for that one while it was let in is nobody's [MQTT-3.1.2-4, MQTT-3.1.4-4, v3 MQTT-3.1.2-6]", async () => {
    const publisher = await away();
    const before = world.log.records.length;
    const letGo = holdBack(world.log, ({ key }) => key === CLAIM);
    const client = await connected(world, 's', more);
    await publisher.send(publish(3, 'c'), publish(4, 'd', { qos: 2 }));
    letGo();
    await settled();
    expect(client.heard()).toMatchObject([{ type: 'connack', reasonCode: 0, sessionPresent: false }]);
    const replaced = world.log.records.findIndex(({ key }, index) => index >= before && key === CLAIM);
    expect(replaced).toBeGreaterThan(before);
    for await (const { cut, next } of world.nextLivesSince(before)) {
      const heard = await again(next);
      if (cut > replaced) expect([cut, heard]).toEqual([cut, ['connack']]);
      else expect([cut, heard.slice(0, 3)]).toEqual([cut, ['connack', 'a', 'b']]);
    }
    await publisher.send(publish(5, 'e'));
    expect(texts(client)).toEqual([]);
  });

  test('that ends a session leaves nothing of it in the log', async () => {
    await away();
    const client = world.plug(version);
    await client.send(connect('s', more), { type: 'disconnect', reasonCode: 0, properties: {} });
    await pass(601);
    const left = new Map(world.log.records.map(({ topic, key, value }) => [`${topic} ${key}`, value]));
    const kept = [...left].flatMap(([key, value]) => (value === null || key.endsWith('/p') ? [] : [key]));
    expect(kept).toEqual([]);
  });
});

test('two clean starts at a time: the later one takes the place of the session before, and nothing of the earlier one is left', async () => {
  const first = world.plug();
  await first.send(connect('s'), subscribe('t'));
  first.socket.destroy();
  const letGo = holdBack(world.log, ({ key }) => key === CLAIM);
  const [one, two] = [world.plug(), world.plug()];
  await one.send(connect('s', { cleanStart: true }));
  await two.send(connect('s', { cleanStart: true }), subscribe('u'));
  letGo();
  await settled();
  expect([heardInShort(two), one.socket.ended]).toEqual([['connack', 'suback'], true]);
  await world.plug().send(connect('p'), publish(1, 'no'), publish(2, 'yes', { topic: 'u' }));
  expect(texts(two)).toEqual(['yes']);
  const next = await world.nextLife();
  const back = await connected(next, 's');
  expect(heardInShort(back)).toEqual(['connack', 'yes']);
});

test('a session with shared messages is there until they are with others, and a CONNECT that is refused before leaves it with them', async () => {
  const [a, b] = await sharedMembers(world, 'a', 'b');
  await world.plug().send(connect('p'), publish(1, 'one'));
  expect(texts(a)).toEqual(['one']);
  a.socket.destroy();
  await settled();
  const client = new FakeClient(5);
  world.broker.receive(client.socket, gateWithoutRoom());
  await client.send(connect('a', { cleanStart: true }));
  expect([client.socket.ended, texts(b)]).toEqual([true, []]);
  const back = await connected(world, 'a');
  expect(heardInShort(back)).toEqual(['connack', 'one']);
  await back.send(ack('puback', 1));
});

test('a session that a clean start was about to end is whole in the next life, but for shared messages that are with others by then, wherever the log is cut before its end', async () => {
  const [a, b] = await sharedMembers(world, 'a', 'b');
  const publisher = world.plug();
  await publisher.send(connect('p'));
  await a.send(subscribe('own'));
  await publisher.send(publish(1, 'received', { topic: 'own', qos: 2 }), ack('pubrel', 1));
  await a.send(ack('pubrec', 1));
  expect(heardInShort(a)).toEqual(['suback', 'received', 'pubrel']);
  for (const member of [a, b]) member.socket.destroy();
  await settled();
  const own = { topic: 'own' };
  await publisher.send(publish(1, 'shared'), publish(2, "b's"), publish(3, 'first', own), publish(4, 'second', own));
  await settled();
  const before = world.log.records.length;
  const client = world.plug();
  await client.send(connect('a', { cleanStart: true }));
  await settled();
  expect(heardInShort(client)).toEqual(['connack']);
  const ended = world.log.records.findIndex(
    ({ key, value }, index) => index >= before && key === 'session:guest/default/a' && value === null,
  );
  expect(ended).toBeGreaterThan(before);
  for await (const { cut, next } of world.nextLivesSince(before)) {
    const [back, other] = [next.plug(), next.plug()];
    await back.send(connect('a'));
    await other.send(connect('b'));
    const heard = [heardInShort(back), texts(other)];
    const isPassedOn = heard[1]?.includes('shared') === true;
    const left = ['pubrel', ...(isPassedOn ? [] : ['shared']), 'first', 'second'];
    expect([cut, heard]).toEqual([cut, [['connack', ...(cut > ended ? [] : left)], isPassedOn ? ["b's", 'shared'] : ["b's"]]]);
  }
});

test('a session with a shared subscription is over though the clean start is refused in its last step: shared messages are with others, once, and the client hears that it has none', async () => {
  const [a, b] = await sharedMembers(world, 'a', 'b');
  await a.send(subscribe('own'));
  await world.plug().send(connect('p'), publish(1, 'shared'), publish(2, "b's"), publish(3, 'own', { topic: 'own' }));
  expect([texts(a), texts(b)]).toEqual([['shared', 'own'], ["b's"]]);
  a.socket.destroy();
  await settled();
  const letGo = holdBack(world.log, ({ key }) => key === 'session:guest/default/a');
  const refused = world.plug();
  await refused.send(connect('a', { cleanStart: true }));
  await pass(31);
  expect(refused.heard()).toMatchObject([{ type: 'connack', reasonCode: 0x88 }]);
  letGo();
  await settled();
  expect(texts(b)).toEqual(['shared']);
  const next = await world.nextLife();
  for (const broker of [world.broker, next]) {
    const back = broker.plug();
    await back.send(connect('a'));
    expect(back.heard()).toMatchObject([{ type: 'connack', reasonCode: 0, sessionPresent: false }]);
  }
  await b.send(ack('puback', 1), ack('puback', 2));
  const left = new Map(world.log.records.map(({ topic, key, value }) => [`${topic} ${key}`, value]));
  expect([...left].filter(([key, value]) => value !== null && key.startsWith('mqtt.messages'))).toEqual([]);
});

test('a shared message that comes while a clean start is let in is not lost, wherever the log is cut after its PUBACK', async () => {
  const members = await sharedMembers(world, 'a', 'b');
  for (const member of members) member.socket.destroy();
  await settled();
  const letGo = holdBack(world.log, ({ key }) => key === 'session:guest/default/a');
  const client = await connected(world, 'a', { cleanStart: true });
  const publisher = world.plug();
  await publisher.send(connect('p'), publish(1, 'one'));
  expect(heardInShort(publisher)).toEqual(['connack', 'puback']);
  const acknowledged = world.log.records.length;
  letGo();
  await settled();
  expect(heardInShort(client)).toEqual(['connack']);
  for await (const { cut, next } of world.nextLivesSince(acknowledged)) {
    const back = await connected(next, 'b');
    expect([cut, texts(back)]).toEqual([cut, ['one']]);
  }
});
