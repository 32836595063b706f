import { describe, expect, test } from 'vitest';
import { ack, connect, life, messages, pass, publish, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { type FakeClient, settled } from '../connections/fake-socket.fixture.js';
import { holdBack, logUpTo } from '../log/log.fixture.js';

const world = brokerWorld();

const will = { topic: 'w', payload: Buffer.from('gone'), qos: 1 as const, retain: false, properties: {} };

describe.each([4, 5] as const)('a will, at protocol level %i,', (protocolVersion) => {
  async function published(retain: boolean) {
    const live = world.plug(protocolVersion);
    await live.send(connect('live', { protocolVersion }), subscribe('w'));
    const client = world.plug(protocolVersion);
    await client.send(connect('c', { protocolVersion, will: { ...will, retain } }));
    expect(texts(live)).toEqual([]);
    client.socket.destroy();
    await settled();
    const late = world.plug(protocolVersion);
    await late.send(connect('late', { protocolVersion }), subscribe('w'));
    return { live: messages(live), late: messages(late) };
  }

  test('without Will Retain is published and not retained [MQTT-3.1.2-14]', async () => {
    const { live, late } = await published(false);
    expect(live).toMatchObject([{ topic: 'w', payload: will.payload, retain: false }]);
    expect(late).toEqual([]);
  });

  test('with Will Retain is retained as well [MQTT-3.1.2-15]', async () => {
    const { live, late } = await published(true);
    expect(live).toMatchObject([{ topic: 'w', payload: will.payload, retain: false }]);
    expect(late).toMatchObject([{ topic: 'w', payload: will.payload, retain: true }]);
  });

  test('is gone once it is published: whoever starts next has none [MQTT-3.1.2-10]', async () => {
    const client = world.plug(protocolVersion);
    await client.send(connect('c', { protocolVersion, will }));
    client.socket.destroy();
    await settled();
    const next = await world.nextLife();
    const watcher = next.plug(protocolVersion);
    await watcher.send(connect('another', { protocolVersion }), subscribe('w'));
    await pass(151);
    expect(texts(watcher)).toEqual([]);
  });
});

describe('a will with a delay', () => {
  const delayed = async (sessionExpiryInterval = 600) => {
    const watcher = world.plug();
    await watcher.send(connect('watcher'), subscribe('w'));
    const client = world.plug();
    await client.send(connect('c', { will: { ...will, properties: { willDelayInterval: 60 } }, properties: { sessionExpiryInterval } }));
    client.socket.destroy();
    await settled();
    return watcher;
  };

  test('is never sent once its client is back in time [MQTT-3.1.3-9]', async () => {
    const watcher = await delayed();
    await pass(59);
    await world.plug().send(connect('c'));
    await pass(120);
    expect(texts(watcher)).toEqual([]);
  });

  test('is sent when the delay is over, and not before', async () => {
    const watcher = await delayed();
    await pass(59);
    expect(texts(watcher)).toEqual([]);
    await pass(2);
    expect(texts(watcher)).toEqual(['gone']);
    await pass(600);
    expect(texts(watcher)).toEqual([]);
  });

  const connack = (client: FakeClient) =>
    client.heard().flatMap((packet) => (typeof packet !== 'string' && packet.type === 'connack' ? [packet.reasonCode] : []));

  test.each([
    ['without a will', {}],
    ['with another will', { will: { ...will, payload: Buffer.from('other') } }],
  ])('waits on though its client comes, %s, and is refused, in the next life of the broker too', async (_with, more) => {
    const watcher = await delayed();
    await pass(50);
    world.log.pause();
    world.log.lastAnswerAtMs = performance.now();
    const refused = world.plug();
    await refused.send(connect('c', more));
    await pass(6);
    expect(connack(refused)).toEqual([0x88]);
    world.log.resume();
    await pass(3);
    expect(texts(watcher)).toEqual([]);
    const next = await world.nextLife();
    const elsewhere = next.plug();
    await elsewhere.send(connect('elsewhere'), subscribe('w'));
    await pass(2);
    expect(texts(watcher)).toEqual(['gone']);
    await pass(148);
    expect(texts(elsewhere)).toEqual(['gone']);
    await pass(600);
    expect(texts(watcher)).toEqual([]);
  });

  test('waits while its client is being let in, however long that takes', async () => {
    const watcher = await delayed();
    await pass(58);
    const letGo = holdBack(world.log, ({ key }) => key === 'session:guest/default/c');
    const back = world.plug();
    await back.send(connect('c'));
    await pass(4);
    expect(connack(back)).toEqual([]);
    letGo();
    await settled();
    expect(connack(back)).toEqual([0]);
    await pass(120);
    expect(texts(watcher)).toEqual([]);
  });

  test('waits on though a take-over of its session is refused', async () => {
    const watcher = world.plug();
    await watcher.send(connect('watcher'), subscribe('w'));
    await world.plug().send(connect('c', { will: { ...will, properties: { willDelayInterval: 60 } } }));
    world.log.pause();
    world.log.lastAnswerAtMs = performance.now();
    const refused = world.plug();
    await refused.send(connect('c'));
    await pass(6);
    expect(connack(refused)).toEqual([0x88]);
    world.log.resume();
    await pass(50);
    expect(texts(watcher)).toEqual([]);
    await pass(5);
    expect(texts(watcher)).toEqual(['gone']);
  });

  test('is sent when its session ends, if that is before', async () => {
    const watcher = await delayed(10);
    await pass(9);
    expect(texts(watcher)).toEqual([]);
    await pass(2);
    expect(texts(watcher)).toEqual(['gone']);
  });

  /** The process is killed, and another begins after that time. @returns who watches there. */
  const nextLifeAfter = async (seconds: number) => {
    world.broker.close();
    await pass(seconds);
    await world.restart();
    const watcher = world.plug();
    await watcher.send(connect('watcher'));
    return watcher;
  };

  test('is sent as soon as a broker is there again, if its session ended while there was none, and once [MQTT-3.1.2-8]', async () => {
    await delayed();
    const watcher = await nextLifeAfter(601);
    expect(texts(watcher)).toEqual(['gone']);
    await pass(151);
    expect(texts(watcher)).toEqual([]);
  });

  test('waits in the next life for its client to come back, but not when its session is over [MQTT-3.1.2-8]', async () => {
    await delayed();
    const watcher = await nextLifeAfter(500);
    await pass(98);
    expect(texts(watcher)).toEqual([]);
    await pass(3);
    expect(texts(watcher)).toEqual(['gone']);
  });

  test('whose client comes back in the next life, before its session is over, is never sent', async () => {
    await delayed();
    const watcher = await nextLifeAfter(500);
    await pass(90);
    await world.plug().send(connect('c'));
    await pass(200);
    expect(texts(watcher)).toEqual([]);
  });
});

describe('a will whose client was connected when the process was killed', () => {
  test.each([
    ['has no session, 150 s', 0, 150],
    ['is away for longer than its session, 150 s', 60, 150],
    ['has a session, until that ends', 600, 600],
    ['has a session that outlasts the delay, for the delay', 3_600, 1_000],
  ])('waits for one that %s [MQTT-3.1.2-8]', async (_client, sessionExpiryInterval, seconds) => {
    const properties = { willDelayInterval: 1_000 };
    await world.plug().send(connect('c', { will: { ...will, properties }, properties: { sessionExpiryInterval } }));
    await world.restart();
    const watcher = world.plug();
    await watcher.send(connect('watcher'), subscribe('w'));
    await pass(seconds - 1);
    expect(texts(watcher)).toEqual([]);
    await pass(2);
    expect(texts(watcher)).toEqual(['gone']);
  });
});

describe('a will that the process had begun to publish when it was killed', () => {
  /** Client `c` was lost, and then the process. @returns of how many records the log was while the client was still there. */
  async function lost(retain: boolean) {
    const away = connect('away', { properties: { sessionExpiryInterval: 3_600 } });
    await world.plug().send(away, subscribe('w'), { type: 'disconnect', reasonCode: 0, properties: {} });
    const client = world.plug();
    await client.send(connect('c', { will: { ...will, retain } }));
    const before = world.log.records.length;
    client.socket.destroy();
    await settled();
    world.broker.close();
    expect(world.log.records.at(-1)?.value).toBeNull();
    return before;
  }

  test('is published once, wherever the log was cut', async () => {
    const before = await lost(false);
    for await (const { cut, next } of world.nextLivesSince(before)) {
      const back = next.plug();
      await back.send(connect('away'));
      await pass(151);
      expect([cut, texts(back)]).toEqual([cut, ['gone']]);
    }
  });

  test('leaves nothing behind in the log', async () => {
    const before = await lost(false);
    for await (const { cut, rest, next } of world.nextLivesSince(before)) {
      const back = next.plug();
      await back.send(connect('away'));
      await pass(151);
      await back.send(ack('puback', 1));
      const left = new Map(rest.records.map(({ topic, key, value }) => [`${topic} ${key}`, value]));
      const kept = [...left].flatMap(([key, value]) => (value === null ? [] : [key.split(':')[0]]));
      expect([cut, kept.filter((key) => key !== 'mqtt.sessions session' && key !== 'mqtt.sessions outbound')]).toEqual([cut, []]);
    }
  });

  test('is what its topic retains, wherever the log was cut, unless something later is', async () => {
    const before = await lost(true);
    for await (const { cut, next } of world.nextLivesSince(before)) {
      await pass(151);
      const late = next.plug();
      await late.send(connect('late'), subscribe('w'));
      expect([cut, texts(late)]).toEqual([cut, ['gone']]);
    }
    const rest = logUpTo(world.log, world.log.records.length);
    const afterwards = await life(rest, 2);
    await afterwards.plug().send(connect('p'), publish(1, 'later', { topic: 'w', retain: true }));
    await settled();
    afterwards.close();
    // As if the will's record had not been removed yet: its message waits for `away`.
    const removed = rest.records.findLastIndex(({ key }) => key === 'will:guest/default/c');
    expect(rest.records.splice(removed, 1)).toMatchObject([{ value: null }]);
    const next = await life(rest, 3);
    await pass(151);
    const late = next.plug();
    await late.send(connect('late'), subscribe('w'));
    expect(texts(late)).toEqual(['later']);
  });
});
