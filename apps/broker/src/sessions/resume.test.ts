import { describe, expect, test } from 'vitest';
import { ack, connect, connected, heardInShort, pass, publish, sharedMembers, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';

const world = brokerWorld();

describe.each([4, 5] as const)('the session of a client, at protocol level %i,', (protocolVersion) => {
  const open = async (clientId: string, cleanStart = false) => {
    const client = await connected(world, clientId, { protocolVersion, cleanStart });
    return client;
  };

  test('begins with the first connection, and goes on with the next [MQTT-3.1.2-5, MQTT-3.1.2-6, MQTT-3.2.2-3, v3 MQTT-3.1.2-4, v3 MQTT-3.2.2-2, v3 MQTT-3.2.2-3]', async () => {
    const first = await open('s');
    expect(first.heard()).toMatchObject([{ type: 'connack', reasonCode: 0, sessionPresent: false }]);
    await first.send(subscribe('t'));
    first.socket.destroy();
    const second = await open('s');
    expect(second.heard()).toMatchObject([{ type: 'connack', reasonCode: 0, sessionPresent: true }]);
    await (await open('p')).send(publish(1, 'a'));
    expect(texts(second)).toEqual(['a']);
  });

  test('is that of its client id, and of no other [MQTT-3.1.3-2, v3 MQTT-3.1.3-2]', async () => {
    const first = await open('s');
    await first.send(subscribe('t'));
    first.socket.destroy();
    expect((await open('S')).heard()).toMatchObject([{ type: 'connack', reasonCode: 0, sessionPresent: false }]);
    expect((await open('s')).heard()).toMatchObject([{ type: 'connack', reasonCode: 0, sessionPresent: true }]);
  });

  test('is taken over while its connection is open [MQTT-3.1.2-5, MQTT-3.1.4-3, MQTT-3.2.2-3, v3 MQTT-3.2.2-2]', async () => {
    const first = await open('s');
    await first.send(subscribe('t'));
    await (await open('p')).send(publish(1, 'a'));
    expect(texts(first)).toEqual(['a']);
    const second = await open('s');
    expect(first.socket.ended).toBe(true);
    expect(first.heard()).toMatchObject(protocolVersion === 5 ? [{ type: 'disconnect', reasonCode: 0x8e }] : []);
    expect(second.heard()).toMatchObject([
      { type: 'connack', sessionPresent: true },
      { type: 'publish', dup: true, payload: Buffer.from('a') },
    ]);
  });

  test('gets the messages of its subscriptions while the client is away, as those of clients that are there do [MQTT-4.5.0-1, v3 MQTT-3.1.2-5]', async () => {
    const away = await open('away');
    await away.send(subscribe('t'));
    away.socket.destroy();
    const here = await open('here');
    await here.send(subscribe('+'));
    const elsewhere = await open('elsewhere');
    await elsewhere.send(subscribe('u'));
    await (await open('p')).send(publish(1, 'a'), publish(2, 'b', { qos: 2 }));
    expect([texts(here), texts(elsewhere)]).toEqual([['a', 'b'], []]);
    expect(heardInShort(await open('away'))).toEqual(['connack', 'a', 'b']);
  });

  test('is thrown away by a clean start, with its subscriptions and what waited [MQTT-3.1.2-4, MQTT-3.1.4-4, v3 MQTT-3.1.2-6]', async () => {
    const first = await open('s');
    await first.send(subscribe('t'));
    first.socket.destroy();
    const publisher = await open('p');
    await publisher.send(publish(1, 'a'));
    const second = await open('s', true);
    await publisher.send(publish(2, 'b'));
    expect(second.heard()).toMatchObject([{ type: 'connack', reasonCode: 0, sessionPresent: false }]);
    second.socket.destroy();
    const third = await open('s');
    await publisher.send(publish(3, 'c'));
    expect(heardInShort(third)).toEqual(['connack']);
  });

  test('leaves its retained messages behind when it ends [v3 MQTT-3.1.2-7]', async () => {
    const publisher = await open('p');
    await publisher.send(publish(1, 'kept', { retain: true }));
    publisher.socket.destroy();
    await (await open('p', true)).send({ type: 'disconnect', reasonCode: 0, properties: {} });
    await pass(4_000);
    const subscriber = await open('s');
    await subscriber.send(subscribe('t'));
    expect(texts(subscriber)).toEqual(['kept']);
  });

  test('loses nothing when a subscription is made again, and gets the retained message again [MQTT-3.8.4-4, v3 MQTT-3.8.4-3]', async () => {
    const publisher = await open('p');
    await publisher.send(publish(1, 'retained', { topic: 't/r', retain: true }));
    const subscriber = await open('s');
    await subscriber.send(subscribe('t/#', 1));
    expect(texts(subscriber)).toEqual(['retained']);
    await publisher.send(publish(2, 'before', { topic: 't/a' }));
    // What was sent is not acknowledged, and is still the session's after the replacement; what comes after finds the new one.
    await subscriber.send(subscribe('t/#', 0));
    await publisher.send(publish(3, 'after', { topic: 't/b' }));
    expect(heardInShort(subscriber)).toEqual(['before', 'suback', 'retained', 'after']);
    subscriber.socket.destroy();
    expect(heardInShort(await open('s'))).toEqual(['connack', 'retained', 'before']);
  });

  test('still has what it was sent and has not acknowledged when it has unsubscribed [MQTT-3.10.4-3]', async () => {
    const subscriber = await open('s');
    await subscriber.send(subscribe('t'));
    await (await open('p')).send(publish(1, 'one'), publish(2, 'two', { qos: 2 }));
    expect(texts(subscriber)).toEqual(['one', 'two']);
    await subscriber.send({ type: 'unsubscribe', packetId: 2, filters: ['t'], properties: {} }, ack('pubrec', 2));
    expect(heardInShort(subscriber).toSorted()).toEqual(['pubrel', 'unsuback']);
    subscriber.socket.destroy();
    const back = await open('s');
    expect(heardInShort(back)).toEqual(['connack', 'one', 'pubrel']);
  });

  test('is over when its expiry is, and not before [MQTT-4.1.0-2, MQTT-3.1.2-23]', async () => {
    const expirySeconds = protocolVersion === 5 ? 600 : 3_600;
    const first = await open('s');
    await first.send(subscribe('t'));
    await pass(10_000);
    first.socket.destroy();
    await pass(expirySeconds - 1);
    const second = await open('s');
    expect(second.heard()).toMatchObject([{ sessionPresent: true }]);
    second.socket.destroy();
    await pass(expirySeconds + 1);
    await (await open('p')).send(publish(1, 'a'));
    const third = await open('s');
    expect(third.heard()).toMatchObject([{ sessionPresent: false }]);
    await third.send(subscribe('t'));
    expect(heardInShort(third)).toEqual(['suback']);
  });
});

test('a session of Clean Session 1 is never used again [v3 MQTT-3.1.2-6]', async () => {
  const first = world.plug(4);
  await first.send(connect('s', { protocolVersion: 4, cleanStart: true }), subscribe('t'));
  first.socket.destroy();
  await world.plug(4).send(connect('p', { protocolVersion: 4 }), publish(1, 'a'));
  const second = await connected(world, 's', { protocolVersion: 4 });
  expect(second.heard()).toMatchObject([{ type: 'connack', sessionPresent: false }]);
});

describe('a message of a shared subscription', () => {
  test('at QoS 2 is completed with the member that it was begun with, when that comes back [MQTT-4.8.2-4]', async () => {
    const [a, b] = await sharedMembers(world, 'a', 'b');
    const publisher = world.plug();
    await publisher.send(connect('p'), publish(1, 'one', { qos: 2 }));
    expect(texts(a)).toEqual(['one']);
    a.socket.destroy();
    await pass(60);
    expect(texts(b)).toEqual([]);
    const back = await connected(world, 'a');
    expect(back.heard()).toMatchObject([
      { type: 'connack', sessionPresent: true },
      { payload: Buffer.from('one'), packetId: 1, dup: true },
    ]);
    await back.send(ack('pubrec', 1));
    expect(heardInShort(back)).toEqual(['pubrel']);
    await back.send(ack('pubcomp', 1));
    back.socket.destroy();
    const once = await connected(world, 'a');
    expect([heardInShort(once), texts(b)]).toEqual([['connack'], []]);
  });

  test('at QoS 2 goes to nobody else when the session of its member ends; one at QoS 1 does [MQTT-4.8.2-5]', async () => {
    const [a, b] = await sharedMembers(world, 'a', 'b');
    await world.plug().send(connect('p'), publish(1, 'two', { qos: 2 }), publish(2, 'b'), publish(3, 'one'));
    expect([texts(a), texts(b)]).toEqual([['two', 'one'], ['b']]);
    a.socket.destroy();
    await pass(601);
    expect(texts(b)).toEqual(['one']);
  });

  test('that is passed on is there once, wherever the log was cut: with its first member, or with another', async () => {
    const [a, b] = await sharedMembers(world, 'a', 'b');
    await world.plug().send(connect('p'), publish(1, 'one'));
    expect(texts(a)).toEqual(['one']);
    a.socket.destroy();
    await settled();
    const before = world.log.records.length;
    await pass(601);
    expect(texts(b)).toEqual(['one']);
    expect(world.log.records.length).toBeGreaterThan(before);
    for await (const { cut, next } of world.nextLivesSince(before)) {
      const back = await connected(next, 'b');
      await pass(601);
      expect([cut, texts(back)]).toEqual([cut, ['one']]);
    }
  });

  test('that is being passed on is not gone while the partition of its new receiver stores nothing', async () => {
    const [a] = await sharedMembers(world, 'a', 'b');
    await world.plug().send(connect('p'), publish(1, 'one'));
    a.socket.destroy();
    await settled();
    const append = world.log.append.bind(world.log);
    world.log.append = (record, options) =>
      record.topic === 'mqtt.messages' && record.value !== null ? new Promise(() => undefined) : append(record, options);
    await pass(601);
    world.log.append = append;
    const next = await world.nextLife();
    const back = await connected(next, 'b');
    await pass(601);
    expect(texts(back)).toEqual(['one']);
  });

  test('is passed on before a clean start takes the place of the session that had it', async () => {
    const [a] = await sharedMembers(world, 'a', 'b');
    await world.plug().send(connect('p'), publish(1, 'one'));
    a.socket.destroy();
    await settled();
    const before = world.log.records.length;
    world.log.pause();
    const again = await connected(world, 'a', { cleanStart: true });
    expect(heardInShort(again)).toEqual([]);
    world.log.resume();
    await settled();
    expect(heardInShort(again)).toEqual(['connack']);
    const written = world.log.records.slice(before).map(({ topic, key, value }) => [topic, value === null ? `no ${key}` : key]);
    const claims = written.filter(([, key]) => key?.endsWith('session:guest/default/a'));
    expect(claims.map(([, key]) => key)).toEqual(['no session:guest/default/a', 'session:guest/default/a']);
    expect(written.findIndex(([topic]) => topic === 'mqtt.messages')).toBeLessThan(written.indexOf(claims[0] ?? []));
    // And it counts: the new session is found in the next life.
    const next = await world.nextLife();
    const back = await connected(next, 'a');
    expect(back.heard()).toMatchObject([{ type: 'connack', sessionPresent: true }]);
  });

  test.each([
    ['PUBACK', 'puback', 1],
    ['PUBREC', 'pubrec', 2],
  ] as const)(
    'that a member refuses with %s 0x80 or above goes to nobody else, nor to it again [MQTT-4.8.2-6]',
    async (_name, type, qos) => {
      const [a, b] = await sharedMembers(world, 'a', 'b');
      await world.plug().send(connect('p'), publish(1, 'bad', { qos }));
      expect(texts(a)).toEqual(['bad']);
      await a.send(ack(type, 1, 0x83));
      a.socket.destroy();
      const back = await connected(world, 'a');
      expect(heardInShort(back)).toEqual(['connack']);
      back.socket.destroy();
      await pass(601);
      expect(texts(b)).toEqual([]);
    },
  );
});

test('a session is there as long as it was to be, though a connection that would have ended it sooner was never accepted', async () => {
  const first = world.plug();
  await first.send(connect('s'), subscribe('t'), { type: 'disconnect', reasonCode: 0, properties: {} });
  world.log.pause();
  const refused = await connected(world, 's', { properties: { sessionExpiryInterval: 0 } });
  refused.socket.destroy();
  world.log.resume();
  await settled();
  await pass(590);
  const back = await connected(world, 's');
  expect(back.heard()).toMatchObject([{ type: 'connack', sessionPresent: true }]);
});

test('a connection that was never accepted leaves no session behind', async () => {
  world.log.pause();
  const refused = await connected(world, 's');
  refused.socket.destroy();
  world.log.resume();
  await settled();
  const again = await connected(world, 's');
  expect(again.heard()).toMatchObject([{ type: 'connack', sessionPresent: false }]);
});
