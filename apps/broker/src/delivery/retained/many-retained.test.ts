import type { Packet, Publish } from '@milepost/mqtt';
import { beforeEach, describe, expect, test } from 'vitest';
import { ack, connect, connected, heardInShort, publish, subscribe } from '../../broker-life.fixture.js';
import { brokerWorld } from '../../broker-world.fixture.js';
import { type FakeClient, settled } from '../../connections/fake-socket.fixture.js';
import { RETAINED_PER_TURN } from '../subscribers/hand-out-turns.js';

const world = brokerWorld();

/** Neither taken on nor left behind. */
const CLEAN = { cleanStart: true, properties: {} } as const;
const KEPT = { cleanStart: false } as const;

/** So many topics below `tree` retain something from now on. */
async function retain(tree: string, count: number, bytes: number): Promise<void> {
  const publisher = await connected(world, 'publisher');
  for (let index = 0; index < count; index++)
    await publisher.send(publish(1, 'x'.repeat(bytes), { topic: `${tree}/${index}`, retain: true }));
  expect(heardInShort(publisher).slice(1)).toEqual(Array<string>(count).fill('puback'));
}

/** Acknowledges what comes until nothing comes any more. @returns what came, its topics sorted, and whatever else. */
async function takeAll(client: FakeClient): Promise<{ messages: Publish[]; topics: string[]; rest: (Packet | string)[] }> {
  const messages: Publish[] = [];
  const rest: (Packet | string)[] = [];
  for (;;) {
    const heard = client.heard();
    const came = heard.filter((each): each is Publish => typeof each === 'object' && each.type === 'publish');
    rest.push(...heard.filter((each) => !came.includes(each as Publish)));
    if (came.length === 0) return { messages, topics: messages.map(({ topic }) => topic).toSorted(), rest };
    messages.push(...came);
    await client.send(...came.map(({ packetId }) => ack('puback', packetId)));
  }
}

const named = (tree: string, count: number) => Array.from({ length: count }, (_, index) => `${tree}/${index}`).toSorted();

describe.each([
  [4, 'clean', CLEAN],
  [4, 'kept', KEPT],
  [5, 'clean', CLEAN],
  [5, 'kept', KEPT],
] as const)('to a client of protocol level %i and a %s session', (protocolVersion, _what, session) => {
  let client: FakeClient;

  beforeEach(async () => {
    client = world.plug(protocolVersion);
  });

  const open = () => client.send(connect('c', { protocolVersion, ...session }));

  test.each([
    [300, 5_000],
    [37, 300_000],
  ])(
    '%i retained messages of %i bytes are all sent, however much waits for its acknowledgements [MQTT-3.3.1-9, v3 MQTT-3.3.1-6]',
    async (count, bytes) => {
      await retain('a', count, bytes);
      await open();
      await client.send(subscribe('#', 1));
      const { topics, rest } = await takeAll(client);
      expect(rest).toMatchObject([{ type: 'connack' }, { type: 'suback' }]);
      expect(topics).toEqual(named('a', count));
    },
  );

  test('what several subscriptions are sent at a time shares the room that there is [MQTT-3.3.1-9, v3 MQTT-3.3.1-6]', async () => {
    const trees = ['a', 'b', 'c'];
    for (const tree of trees) await retain(tree, 400, 1);
    await open();
    await client.send(...trees.map((tree) => subscribe(`${tree}/#`, 1)));
    const { topics, rest } = await takeAll(client);
    expect(rest).toMatchObject([{ type: 'connack' }, { type: 'suback' }, { type: 'suback' }, { type: 'suback' }]);
    expect(topics).toEqual(trees.flatMap((tree) => named(tree, 400)));
  });

  test('who subscribes again at a time is handed what its topics retain each time, or once where the session is kept [MQTT-3.8.4-4, v3 MQTT-3.8.4-3]', async () => {
    await retain('a', 2, 1);
    await open();
    await client.send(...Array.from({ length: 3 }, () => subscribe('#', 0)));
    const each = ['suback', 'x', 'x'];
    const once = ['suback', 'suback', ...each];
    expect(heardInShort(client)).toEqual(['connack', ...(session === CLEAN ? [...each, ...each, ...each] : once)]);
  });

  test('who does so without end is handed no more than belongs into a turn, and the last time all', async () => {
    await retain('a', 20, 1);
    await open();
    await client.send(...Array.from({ length: 100 }, () => subscribe('#', 0)));
    const heard = heardInShort(client);
    const count = (what: string) => heard.filter((each) => each === what).length;
    const most = session === CLEAN ? RETAINED_PER_TURN + 20 : 20;
    expect([count('suback'), count('x'), heard.length]).toEqual([100, most, 101 + most]);
  });

  test('what is published meanwhile has room beside them, and none of them comes behind what its topic retained later', async () => {
    await retain('a', 600, 1);
    await open();
    await client.send(subscribe('#', 1));
    const publisher = await connected(world, 'publisher');
    for (const topic of named('a', 600)) await publisher.send(publish(1, 'new', { topic, retain: true }));
    const { messages, rest } = await takeAll(client);
    expect(rest).toMatchObject([{ type: 'connack' }, { type: 'suback' }]);
    const last = new Map(messages.map(({ topic, payload }) => [topic, String(payload)]));
    expect([last.size, new Set(last.values())]).toEqual([600, new Set(['new'])]);
  });
});

test('to a client that leaves meanwhile, and whose session is kept, the rest is sent when it is back [MQTT-3.3.1-9, v3 MQTT-3.3.1-6]', async () => {
  await retain('a', 2_000, 1);
  const before = await connected(world, 'c');
  await before.send(subscribe('#', 1));
  before.socket.destroy();
  await settled();
  const back = await connected(world, 'c');
  const { topics } = await takeAll(back);
  expect(topics).toEqual(named('a', 2_000));
  expect(await world.read('undelivered_total')).toBe(0);
});
