import type { ProtocolVersion, Subscription, Will } from '@milepost/mqtt';
import { describe, expect, test } from 'vitest';
import { ack, type BrokerLife, connect, heardInShort, messages, pass, publish, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack } from '../log/log.fixture.js';

const world = brokerWorld();

/** The client of session `s` comes, at that protocol level. */
const come = async (protocolVersion: ProtocolVersion, { broker = world.broker, will }: { broker?: BrokerLife; will?: Will } = {}) => {
  const client = broker.plug(protocolVersion);
  await client.send(connect('s', { protocolVersion, ...(will !== undefined && { will }) }));
  return client;
};

/** Session `s` is made at 5.0, with that option on its subscription to `t`. @returns its client. */
async function made(option: Partial<Subscription>, will?: Will) {
  const client = await come(5, will === undefined ? {} : { will });
  const { subscriptions, ...packet } = subscribe('t');
  await client.send({ ...packet, subscriptions: subscriptions.map((each) => ({ ...each, ...option })) });
  client.heard();
  return client;
}

describe('a session with Retain As Published whose client comes back with 3.1.1', () => {
  const publisher = async () => {
    const client = world.plug();
    await client.send(connect('p'));
    return client;
  };

  const flags = (client: Awaited<ReturnType<typeof come>>) => messages(client).map(({ payload, retain }) => [String(payload), retain]);

  test('gets RETAIN 0 on what comes, what waited and what is sent again, in the next life of the broker too; 5.0 gets it as published [v3 MQTT-3.3.1-9, MQTT-3.3.1-13]', async () => {
    const first = await made({ retainAsPublished: true });
    const other = await publisher();
    await other.send(publish(1, 'again', { retain: true }));
    expect(flags(first)).toEqual([['again', true]]);
    first.socket.destroy();
    await other.send(publish(2, 'waited', { retain: true, qos: 2 }));
    const next = await world.nextLife();
    expect(flags(await come(4, { broker: next }))).toEqual([
      ['again', false],
      ['waited', false],
    ]);
    const back = await come(4);
    await other.send(publish(3, 'comes', { retain: true }), publish(4, 'at once', { retain: true, qos: 0 }));
    expect(flags(back)).toEqual([
      ['again', false],
      ['waited', false],
      ['at once', false],
      ['comes', false],
    ]);
    back.socket.destroy();
    await other.send(publish(5, 'later', { retain: true }));
    expect(flags(await come(5))).toEqual([
      ['again', true],
      ['waited', true],
      ['comes', true],
      ['later', true],
    ]);
  });

  test('gets RETAIN 1 on what its topics retained when it subscribed [v3 MQTT-3.3.1-8]', async () => {
    await (await publisher()).send(publish(1, 'retained', { retain: true }));
    (await made({ retainAsPublished: true })).socket.destroy();
    const next = await world.nextLife();
    expect(flags(await come(4, { broker: next }))).toEqual([['retained', true]]);
    expect(flags(await come(4))).toEqual([['retained', true]]);
  });
});

describe('a session with No Local', () => {
  test('hears its own messages while its client is connected with 3.1.1, which knows no such option, and at 5.0 not [MQTT-3.8.3-3]', async () => {
    await made({ noLocal: true });
    const old = await come(4);
    await old.send(publish(1, 'one'));
    expect(texts(old)).toEqual(['one']);
    await old.send(ack('puback', 1));
    const back = await come(5);
    await back.send(publish(1, 'two'));
    expect(heardInShort(back)).toEqual(['connack', 'puback']);
  });

  test('keeps it when a CONNECT with 3.1.1 is refused', async () => {
    const properties = { willDelayInterval: 60 };
    const first = await made({ noLocal: true }, { topic: 't', payload: Buffer.from('will'), qos: 1, retain: false, properties });
    first.socket.destroy();
    await settled();
    const letGo = holdBack(world.log, ({ key }) => key === 'session:guest/default/s');
    const refused = await come(4);
    await pass(31);
    expect(refused.heard()).toMatchObject([{ type: 'connack', reasonCode: 3 }]);
    letGo();
    await pass(60);
    expect(heardInShort(await come(5))).toEqual(['connack']);
  });
});
