import { DEFAULT_ROUTER_LIMITS, type RouterLimits, type Will } from '@milepost/mqtt';
import { describe, expect, test } from 'vitest';
import { type BrokerLife, connect, connected, heardInShort, publish, subscribe, texts } from '../../broker-life.fixture.js';
import { brokerWorld } from '../../broker-world.fixture.js';
import { settled } from '../../connections/fake-socket.fixture.js';

const limits = (more: Partial<RouterLimits>) => ({ router: { ...DEFAULT_ROUTER_LIMITS, ...more } });
/** So many levels, most of them empty. */
const deep = (levels: number) => `deep${'/'.repeat(levels - 1)}`;
const retain = (packetId: number, topic: string, payload: string) => publish(packetId, payload, { topic, retain: true });

/** What a client is given that subscribes now. */
async function retained(of: Pick<BrokerLife, 'plug'>, filter = '#'): Promise<string[]> {
  await settled();
  const late = of.plug();
  await late.send(connect('late', { cleanStart: true, properties: {} }), subscribe(filter, 0));
  return texts(late).toSorted();
}

describe('where one message may be retained', () => {
  const world = brokerWorld(limits({ maxMessages: 1 }));
  const will = (topic: string): Will => ({ topic, payload: Buffer.from('gone'), qos: 1, retain: true, properties: {} });

  test('two that come at a time and are acknowledged both are, here and in the next life [MQTT-3.3.1-5, v3 MQTT-3.3.1-5]', async () => {
    const publisher = await connected(world, 'p');
    await publisher.send(retain(1, 'a', '1'), retain(2, 'b', '2'));
    expect(publisher.heard()).toMatchObject([{ type: 'connack' }, { reasonCode: 0 }, { reasonCode: 0 }]);
    expect([await retained(world), await retained(await world.nextLife())]).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
    await publisher.send(retain(3, 'c', '3'), retain(4, 'b', 'replaced'));
    expect(publisher.heard()).toMatchObject([{ reasonCode: 0x97 }, { reasonCode: 0 }]);
    expect(await retained(world)).toEqual(['1', 'replaced']);
  });

  test('one of QoS 0 that waited, and finds no room at its turn, is dropped and counted, here and in the next life', async () => {
    const publisher = await connected(world, 'p');
    world.log.pause();
    await publisher.send(retain(1, 'a', '1'), { ...retain(0, 'b', '2'), qos: 0 });
    world.log.resume();
    expect([await retained(world), await retained(await world.nextLife())]).toEqual([['1'], ['1']]);
    expect(await world.read('qos0_dropped_total')).toBe(1);
  });

  test('a CONNECT is refused whose will there is no room for, and counted; one that is not to be retained, or replaces, is taken', async () => {
    await (await connected(world, 'p')).send(retain(1, 'a', '1'));
    const refused = await connected(world, 'c', { will: will('b') });
    expect(refused.heard()).toMatchObject([{ type: 'connack', reasonCode: 0x97 }]);
    expect(await world.reached('retained_messages')).toBe(1);
    for (const taken of [{ ...will('b'), retain: false }, will('a')])
      expect((await connected(world, 'c', { will: taken })).heard()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
  });

  test('a will that was taken is retained, whatever is retained by then [MQTT-3.1.2-15, v3 MQTT-3.1.2-17]', async () => {
    const client = await connected(world, 'c', { will: will('b') });
    await (await connected(world, 'p')).send(retain(1, 'a', '1'));
    client.socket.destroy();
    expect([await retained(world), await retained(await world.nextLife())]).toEqual([
      ['1', 'gone'],
      ['1', 'gone'],
    ]);
  });

  test('a vehicle is let in all the same, and its will retained', async () => {
    await (await connected(world, 'p')).send(retain(1, 'a', '1'));
    const vehicle = world.broker.plugBridged(true);
    await vehicle.send(connect('v', { will: will('status') }));
    expect(heardInShort(vehicle)).toEqual(['connack']);
    vehicle.socket.destroy();
    expect(await retained(world)).toEqual(['1', 'gone']);
  });
});

describe('where so many bytes may be retained', () => {
  const world = brokerWorld(limits({ maxBytes: 30 }));

  test('a larger replacement that is acknowledged is what its topic retains [MQTT-3.3.1-5, v3 MQTT-3.3.1-5]', async () => {
    const publisher = await connected(world, 'p');
    await publisher.send(retain(1, 'a', 'before'));
    await publisher.send(retain(2, 'b', '2'.repeat(18)), retain(3, 'a', 'larger than before'));
    expect(publisher.heard()).toMatchObject([{ type: 'connack' }, { reasonCode: 0 }, { reasonCode: 0 }, { reasonCode: 0 }]);
    expect(await retained(world, 'a')).toEqual(['larger than before']);
  });

  test('what is no larger than what it replaces is taken while there are more: a publish, and a will with its CONNECT', async () => {
    const publisher = await connected(world, 'p');
    await publisher.send(retain(1, 'a', 'a'.repeat(20)), retain(2, 'b', 'b'.repeat(20)));
    publisher.heard();
    await publisher.send(retain(3, 'b', 'c'.repeat(20)), retain(4, 'b', 'd'.repeat(21)));
    expect(publisher.heard()).toMatchObject([{ reasonCode: 0 }, { reasonCode: 0x97 }]);
    const will = { topic: 'a', payload: Buffer.from('gone'), qos: 1, retain: true, properties: {} } as const;
    expect((await connected(world, 'c', { will })).heard()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
    expect(await retained(world)).toEqual(['a'.repeat(20), 'c'.repeat(20)]);
  });
});

describe.each([4, 5] as const)('at protocol level %i, where a filter may have 128 levels,', (protocolVersion) => {
  const world = brokerWorld();
  const open = (more: object = {}) => connected(world, 'c', { protocolVersion, ...more });

  test('nothing is retained on a topic of 129: it is refused, and counted; to 128, and without RETAIN to any, it goes as ever', async () => {
    const client = await open();
    await client.send(subscribe('deep/#', 0));
    await client.send(retain(1, deep(128), '128'), publish(2, 'not retained', { topic: deep(65_000) }));
    await client.send(retain(3, deep(65_000), ''), retain(4, deep(129), '129'));
    const heard = client.heard().map((each) => {
      if (typeof each === 'string') return each;
      return each.type === 'puback'
        ? `puback ${each.packetId} ${each.reasonCode}`
        : each.type === 'publish'
          ? String(each.payload)
          : each.type;
    });
    expect(heard.slice(0, 2)).toEqual(['connack', 'suback']);
    const refused = protocolVersion === 5 ? [`puback 4 ${0x97}`] : [];
    expect(heard.slice(2).toSorted()).toEqual(['', '128', 'not retained', 'puback 1 0', 'puback 2 0', 'puback 3 0', ...refused].toSorted());
    expect([client.socket.ended, await world.reached('retained_messages')]).toEqual([protocolVersion === 4, 1]);
    expect(await retained(world)).toEqual(['128']);
  });

  test('a will that is to be retained on a topic of 129 is refused at CONNECT, and any other is taken', async () => {
    const will = { topic: deep(129), payload: Buffer.from('gone'), qos: 1, retain: true, properties: {} } as const;
    expect((await open({ will })).heard()).toMatchObject([{ type: 'connack', reasonCode: protocolVersion === 5 ? 0x97 : 3 }]);
    for (const taken of [
      { ...will, retain: false },
      { ...will, topic: deep(128) },
    ])
      expect((await open({ will: taken })).heard()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
  });
});
