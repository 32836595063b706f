import { expect, test } from 'vitest';
import { connect, heardInShort, pass, publish, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack } from '../log/log.fixture.js';

const world = brokerWorld();

const unsubscribe = { type: 'unsubscribe' as const, packetId: 2, filters: ['t'], properties: {} };

/** A client whose session was put on record before its partition stalled. */
async function stalled(version: 4 | 5) {
  const client = world.plug(version);
  await client.send(connect('c', { protocolVersion: version }));
  client.heard();
  const letGo = holdBack(world.log, ({ key }) => key === 'session:guest/default/c');
  return { client, letGo };
}

test.each([
  [5, [{ type: 'disconnect', reasonCode: 0x89 }]],
  [4, []],
] as const)(
  'a SUBSCRIBE of level %d whose session finds no place on record ends its connection in time; what is on record afterwards is what is in memory',
  async (version, farewell) => {
    const { client, letGo } = await stalled(version);
    await client.send(subscribe('t'));
    await pass(29);
    expect([client.heard(), client.socket.ended]).toEqual([[], false]);
    await pass(2);
    expect(client.heard()).toMatchObject(farewell);
    expect([client.socket.ended, await world.reached('suback_time')]).toEqual([true, 1]);
    letGo();
    await settled();
    // Nobody was told that the subscription is there, nor that it is not: it is, in both.
    await world.plug().send(connect('p'), publish(1, 'a'));
    const next = await world.nextLife();
    for (const each of [world.broker, next]) {
      const back = each.plug(version);
      await back.send(connect('c', { protocolVersion: version }));
      expect(heardInShort(back)).toEqual(['connack', 'a']);
      await back.send(subscribe('t'));
      expect(heardInShort(back)).toEqual(['suback']);
    }
  },
);

test('an UNSUBSCRIBE likewise', async () => {
  const first = world.plug();
  await first.send(connect('c'), subscribe('t'));
  first.socket.destroy();
  const { client, letGo } = await stalled(5);
  await client.send(unsubscribe);
  await pass(31);
  expect(client.heard()).toMatchObject([{ type: 'disconnect', reasonCode: 0x89 }]);
  letGo();
  await settled();
  await world.plug().send(connect('p'), publish(1, 'a'));
  const next = await world.nextLife();
  for (const each of [world.broker, next]) {
    const back = each.plug();
    await back.send(connect('c'));
    expect(texts(back)).toEqual([]);
  }
});

test('a client that waits several times over is sent away once, and one that gets its SUBACK in time is not', async () => {
  const { client, letGo } = await stalled(5);
  await client.send(subscribe('t'), { ...subscribe('u'), packetId: 2 });
  await pass(20);
  letGo();
  await settled();
  expect(heardInShort(client)).toEqual(['suback', 'suback']);
  await pass(60);
  expect([client.socket.ended, await world.reached('suback_time')]).toEqual([false, 0]);
  const other = await stalled(5);
  await other.client.send(subscribe('t'), { ...subscribe('u'), packetId: 2 });
  await pass(31);
  expect([heardInShort(other.client), await world.reached('suback_time')]).toEqual([['disconnect'], 1]);
  other.letGo();
});
