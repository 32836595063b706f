import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type BrokerLife,
  connect,
  heardInShort,
  life,
  messages,
  publish,
  SHARED,
  sharedMembers,
  subscribe,
  texts,
} from '../broker-life.fixture.js';
import { type FakeClient, settled } from '../connections/fake-socket.fixture.js';
import { MemoryLog } from '../log/memory-log.js';

let log: MemoryLog;
let broker: BrokerLife;

beforeEach(async () => {
  log = new MemoryLog();
  broker = await life(log, 1);
});

afterEach(() => broker.close());

describe.each([4, 5] as const)('messages, at protocol level %i,', (protocolVersion) => {
  const open = async (clientId: string) => {
    const client = broker.plug(protocolVersion);
    await client.send(connect(clientId, { protocolVersion }));
    return client;
  };

  test.each([0, 1, 2] as const)(
    'of one topic and QoS %i leave in the order they came, for every topic [MQTT-4.6.0-5, MQTT-4.6.0-6]',
    async (qos) => {
      const subscribers = [await open('a'), await open('b')];
      for (const subscriber of subscribers) await subscriber.send(subscribe('#'));
      const publisher = await open('p');
      const sent = Array.from({ length: 12 }, (_, index) =>
        publish(qos === 0 ? 0 : index + 1, `${index}`, { qos, topic: `topic/${index % 3}`, retain: index % 4 === 0 }),
      );
      log.pause();
      await publisher.send(...sent.slice(0, 5));
      log.resume();
      await publisher.send(...sent.slice(5));
      await settled();
      for (const subscriber of subscribers) {
        const got = messages(subscriber);
        for (const topic of ['topic/0', 'topic/1', 'topic/2']) {
          const payloads = (of: typeof got) => of.filter((each) => each.topic === topic).map(({ payload }) => String(payload));
          expect(payloads(got)).toEqual(payloads(sent));
        }
      }
    },
  );

  test('of QoS 0 that are to be retained are bounded while the log stalls: those beyond are delivered and not retained', async () => {
    const [watcher, publisher, latecomer] = [await open('w'), await open('p'), await open('l')];
    await watcher.send(subscribe('#'));
    messages(watcher);
    log.pause();
    const sent = ['a', 'b', 'c'].map((topic) => ({ ...publish(0, 'x'.repeat(4_000), { qos: 0, topic, retain: true }) }));
    await publisher.send(...sent);
    expect(messages(watcher).map(({ topic }) => topic)).toEqual(['a', 'b', 'c']);
    log.resume();
    await settled();
    await latecomer.send(subscribe('#'));
    expect(messages(latecomer).map(({ topic }) => topic)).toEqual(['a', 'b']);
    await publisher.send({ ...publish(0, 'x', { qos: 0, topic: 'd', retain: true }) });
    await latecomer.send(subscribe('d'));
    expect(messages(latecomer).some(({ topic, retain }) => topic === 'd' && retain)).toBe(true);
  });

  test('of one client go to the log together, and do not wait for one another', async () => {
    const subscriber = await open('s');
    await subscriber.send(subscribe('t'));
    const publisher = await open('p');
    const asked: string[] = [];
    const append = log.append.bind(log);
    log.append = (record, options) => {
      asked.push(String(record.value));
      return append(record, options);
    };
    log.pause();
    await publisher.send(publish(1, 'a'), publish(2, 'b'), publish(3, 'c'));
    expect(asked).toEqual(['a', 'b', 'c']);
    expect(texts(subscriber)).toEqual([]);
    log.resume();
    await settled();
    expect(texts(subscriber)).toEqual(['a', 'b', 'c']);
  });

  test('reach who subscribes while they are recorded, however often somebody does', async () => {
    const publisher = await open('p');
    const early = await open('early');
    await early.send(subscribe('t'));
    early.heard();
    // Each write of the message's record is answered only when somebody else has subscribed.
    const late: FakeClient[] = [];
    const append = log.append.bind(log);
    log.append = async (record, options) => {
      if (record.topic === 'mqtt.messages' && record.value !== null && late.length < 5) {
        const client = await open(`late ${late.length}`);
        late.push(client);
        await client.send(subscribe('t'));
      }
      return append(record, options);
    };
    await publisher.send(publish(1, 'a', { retain: true }));
    for (let round = 0; round < 10; round++) await settled();
    expect(heardInShort(publisher)).toEqual(['connack', 'puback']);
    expect(texts(early)).toEqual(['a']);
    expect(late).toHaveLength(3);
    for (const client of late) expect(texts(client)).toEqual(['a']);
  });

  test('reach whom they match, with the topic they were published to [MQTT-3.3.2-3]', async () => {
    const filters = ['a/b', 'a/+', 'a/#', '+/b', '#', '+', 'a/b/#', 'a/b/+', 'A/b', '/a/b'];
    const subscribers = await Promise.all(filters.map((filter) => open(`s ${filter}`)));
    for (const [index, subscriber] of subscribers.entries()) await subscriber.send(subscribe(filters[index] ?? ''));
    await (await open('p')).send(publish(1, 'x', { topic: 'a/b' }));
    const got = subscribers.map((subscriber, index) => [filters[index], messages(subscriber).map(({ topic }) => topic)] as const);
    expect(Object.fromEntries(got)).toEqual({
      'a/b': ['a/b'],
      'a/+': ['a/b'],
      'a/#': ['a/b'],
      '+/b': ['a/b'],
      '#': ['a/b'],
      '+': [],
      'a/b/#': ['a/b'],
      'a/b/+': [],
      'A/b': [],
      '/a/b': [],
    });
  });

  test('without RETAIN are not retained, and leave the retained one alone [MQTT-3.3.1-8]', async () => {
    const publisher = await open('p');
    await publisher.send(publish(1, 'retained', { topic: 'r', retain: true }));
    await publisher.send(publish(2, 'live', { topic: 'r' }), publish(3, '', { topic: 'r' }), publish(4, 'live', { topic: 'other' }));
    const subscriber = await open('s');
    await subscriber.send(subscribe('#'));
    expect(messages(subscriber)).toMatchObject([{ topic: 'r', payload: Buffer.from('retained'), retain: true }]);
  });

  test('of no bytes and with RETAIN remove what is retained, and reach subscribers as any other [MQTT-3.3.1-6, MQTT-3.3.1-7]', async () => {
    const publisher = await open('p');
    await publisher.send(publish(1, 'retained', { topic: 'r', retain: true }));
    const subscriber = await open('s');
    await subscriber.send(subscribe('#'));
    expect(messages(subscriber)).toHaveLength(1);
    await publisher.send(publish(2, '', { topic: 'r', retain: true }));
    expect(messages(subscriber)).toMatchObject([{ topic: 'r', payload: Buffer.alloc(0), qos: 1, retain: false }]);
    const latecomer = await open('l');
    await latecomer.send(subscribe('#'));
    expect(messages(latecomer)).toEqual([]);
  });

  test('of QoS 0 replace what is retained too, what their client published just before included [v3 MQTT-3.3.1-7]', async () => {
    const publisher = await open('p');
    await publisher.send(publish(1, 'old', { retain: true }), publish(0, 'new', { qos: 0, retain: true }));
    const subscriber = await open('s');
    await subscriber.send(subscribe('t'));
    expect(texts(subscriber)).toEqual(['new']);
  });
});

test('a message of a vehicle takes one turn of a shared subscription, also where its members have sessions that are kept', async () => {
  const members = await sharedMembers(broker, 'a', 'b');
  const vehicle = broker.plugBridged();
  await vehicle.send(connect('v'));
  for (const packetId of [1, 2, 3, 4, 5, 6]) {
    await vehicle.send(publish(packetId, `${packetId}`));
    await settled();
  }
  expect(members.map(texts)).toEqual([
    ['1', '3', '5'],
    ['2', '4', '6'],
  ]);
});

test('a message of a vehicle that waits for a kept session holds its own bytes, and not the read that it came in', async () => {
  const subscriber = broker.plug();
  await subscriber.send(connect('s'), subscribe('t', 1, 7));
  const vehicle = broker.plugBridged();
  await vehicle.send(connect('v'));
  const properties = { correlationData: Buffer.from('four') };
  const rest = Array.from({ length: 5_000 }, () => ({ type: 'pingreq' }) as const);
  await vehicle.send(publish(1, 'x', { properties }), ...rest);
  await settled();
  const held: object[] = [];
  for (const { session } of broker.registry.all()) {
    session?.engine.holds(({ payload, properties: { correlationData, subscriptionIdentifiers } }) => {
      held.push({ bytes: [payload.buffer.byteLength, correlationData?.buffer.byteLength], subscriptionIdentifiers });
      return false;
    });
  }
  expect(held).toEqual([{ bytes: [1, 4], subscriptionIdentifiers: [7] }]);
});

describe('while the record of a message is written', () => {
  /** Happens before the first record of one is answered. */
  function meanwhile(step: () => Promise<void>): { readonly writes: number } {
    const counted = { writes: 0 };
    const append = log.append.bind(log);
    log.append = async (record, options) => {
      if (record.topic === 'mqtt.messages' && record.value !== null && counted.writes++ === 0) await step();
      return append(record, options);
    };
    return counted;
  }

  async function published(): Promise<void> {
    const publisher = broker.plug();
    await publisher.send(connect('p'), publish(1, 'a'));
    for (let round = 0; round < 5; round++) await settled();
    expect(heardInShort(publisher)).toEqual(['connack', 'puback']);
  }

  test('a subscription to something else is no reason to write it again', async () => {
    const [subscriber, other] = [broker.plug(), broker.plug()];
    await subscriber.send(connect('s'), subscribe('t'));
    await other.send(connect('o'));
    const counted = meanwhile(() => other.send(subscribe('other/#')));
    await published();
    expect([counted.writes, texts(subscriber)]).toEqual([1, ['a']]);
  });

  test('a member of a shared subscription that leaves it gets nothing behind UNSUBACK: another one does [MQTT-3.10.4-2]', async () => {
    const [a, b] = await sharedMembers(broker, 'a', 'b');
    const counted = meanwhile(() => a.send({ type: 'unsubscribe', packetId: 2, filters: [SHARED], properties: {} }));
    await published();
    expect([counted.writes, heardInShort(a), texts(b)]).toEqual([2, ['unsuback'], ['a']]);
  });
});
