import { topics } from '@milepost/contracts';
import { describe, expect, test } from 'vitest';
import { connect, life, messages, publish, subscribe, texts } from '../broker-life.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { MemoryLog } from '../log/memory-log.js';

describe('after kill -9', () => {
  test('a session is present, with its subscriptions and what waited for it, in order [MQTT-3.1.2-5, MQTT-4.1.0-1, MQTT-4.5.0-1]', async () => {
    const log = new MemoryLog();
    const first = await life(log, 1);
    const subscriber = first.plug();
    await subscriber.send(connect('s'), subscribe('t', 2, 7));
    subscriber.socket.destroy();
    const publisher = first.plug();
    await publisher.send(connect('p'), publish(1, 'a'), publish(2, 'b', { qos: 2 }), publish(3, 'c'));
    expect(publisher.heard().map((packet) => (typeof packet === 'object' ? packet.type : packet))).toEqual([
      'connack',
      'puback',
      'pubrec',
      'puback',
    ]);

    const second = await life(log, 2);
    const back = second.plug();
    await back.send(connect('s'));
    const [connack, ...waiting] = back.heard();
    expect(connack).toMatchObject({ type: 'connack', sessionPresent: true });
    expect(waiting).toMatchObject([
      { payload: Buffer.from('a'), qos: 1, properties: { subscriptionIdentifiers: [7] } },
      { payload: Buffer.from('b'), qos: 2 },
      { payload: Buffer.from('c'), qos: 1 },
    ]);
    const other = second.plug();
    await other.send(connect('p2'), publish(1, 'd'));
    expect(texts(back)).toEqual(['d']);
  });

  test('what was in flight is sent again with its packet id and DUP, and what was acknowledged is not [MQTT-4.4.0-1, MQTT-3.3.1-1]', async () => {
    const log = new MemoryLog();
    const first = await life(log, 1);
    const subscriber = first.plug();
    await subscriber.send(connect('s'), subscribe('t'));
    await first.plug().send(connect('p'), publish(1, 'a'), publish(2, 'b'), publish(3, 'c', { qos: 2 }), publish(4, 'd', { qos: 2 }));
    const sent = messages(subscriber);
    expect(sent).toHaveLength(4);
    const [a, , c] = sent;
    await subscriber.send(
      { type: 'puback', packetId: a?.packetId ?? 0, reasonCode: 0, properties: {} },
      { type: 'pubrec', packetId: c?.packetId ?? 0, reasonCode: 0, properties: {} },
    );

    const back = (await life(log, 2)).plug();
    await back.send(connect('s'));
    const [, ...again] = back.heard();
    expect(again).toMatchObject([
      { type: 'publish', packetId: sent[1]?.packetId, dup: true, payload: Buffer.from('b') },
      { type: 'publish', packetId: sent[3]?.packetId, dup: true, payload: Buffer.from('d') },
      { type: 'pubrel', packetId: c?.packetId },
    ]);
  });

  test('a QoS 2 message whose PUBREC was lost is not taken twice, and its release is answered [MQTT-4.3.3-10, MQTT-4.3.3-11]', async () => {
    const log = new MemoryLog();
    const first = await life(log, 1);
    await first.plug().send(connect('s'), subscribe('t'));
    await first.plug().send(connect('p'), publish(9, 'once', { qos: 2 }));

    const second = await life(log, 2);
    const publisher = second.plug();
    await publisher.send(connect('p'), publish(9, 'once', { qos: 2, dup: true }));
    await publisher.send({ type: 'pubrel', packetId: 9, reasonCode: 0, properties: {} });
    expect(publisher.heard()).toMatchObject([
      { sessionPresent: true },
      { type: 'pubrec', packetId: 9 },
      { type: 'pubcomp', packetId: 9, reasonCode: 0 },
    ]);
    const subscriber = second.plug();
    await subscriber.send(connect('s'));
    expect(texts(subscriber)).toEqual(['once']);

    const third = (await life(log, 3)).plug();
    await third.send(connect('p'), publish(9, 'another', { qos: 2 }));
    expect(third.heard()).toMatchObject([{ sessionPresent: true }, { type: 'pubrec', packetId: 9, reasonCode: 0 }]);
  });

  test('retained messages are there, and removed ones are not [MQTT-3.3.1-5, MQTT-3.3.1-6]', async () => {
    const log = new MemoryLog();
    const publisher = (await life(log, 1)).plug();
    await publisher.send(
      connect('p'),
      publish(1, 'old', { topic: 'r/a', retain: true }),
      publish(2, 'new', { topic: 'r/a', retain: true, qos: 2 }),
    );
    await publisher.send(publish(3, 'x', { topic: 'r/b', retain: true }), publish(4, '', { topic: 'r/b', retain: true }));
    const subscriber = (await life(log, 2)).plug();
    await subscriber.send(connect('s'), subscribe('r/#'));
    expect(messages(subscriber)).toMatchObject([{ topic: 'r/a', payload: Buffer.from('new'), retain: true, qos: 2 }]);
  });

  test('a retained message that a kept session was sent and did not acknowledge is sent again [MQTT-4.4.0-1]', async () => {
    const log = new MemoryLog();
    const first = await life(log, 1);
    await first.plug().send(connect('p'), publish(1, 'kept', { topic: 'r', retain: true }));
    const subscriber = first.plug();
    await subscriber.send(connect('s'), subscribe('r'));
    const [sent] = messages(subscriber);
    const back = (await life(log, 2)).plug();
    await back.send(connect('s'));
    expect(messages(back)).toMatchObject([{ packetId: sent?.packetId, dup: true, retain: true, payload: Buffer.from('kept') }]);
  });

  test('what one session has acknowledged does not come again while another still waits for it, in the second life after it neither [MQTT-4.3.2-3]', async () => {
    const log = new MemoryLog();
    const first = await life(log, 1);
    const away = first.plug();
    await away.send(connect('away'), subscribe('t'));
    away.socket.destroy();
    const subscriber = first.plug();
    await subscriber.send(connect('s'), subscribe('t', 1));
    await first.plug().send(connect('p'), publish(1, 'a'));
    const [sent] = messages(subscriber);
    await subscriber.send({ type: 'puback', packetId: sent?.packetId ?? 0, reasonCode: 0, properties: {} });
    for (const epoch of [2, 3]) {
      const back = (await life(log, epoch)).plug();
      await back.send(connect('s'));
      expect(texts(back)).toEqual([]);
    }
    const waited = (await life(log, 4)).plug();
    await waited.send(connect('away'));
    expect(texts(waited)).toEqual(['a']);
  });

  test('a clean start leaves nothing of the session before, in the broker after it too [MQTT-3.1.2-4]', async () => {
    const log = new MemoryLog();
    const first = await life(log, 1);
    const subscriber = first.plug();
    await subscriber.send(connect('s'), subscribe('t'));
    subscriber.socket.destroy();
    await first.plug().send(connect('p'), publish(1, 'a'));
    await first.plug().send(connect('s', { cleanStart: true }));
    const back = (await life(log, 2)).plug();
    await back.send(connect('s'));
    expect(back.heard()).toMatchObject([{ type: 'connack', sessionPresent: true }]);
  });

  test('a session without expiry is not there any more [MQTT-3.1.2-23]', async () => {
    const log = new MemoryLog();
    await (await life(log, 1)).plug().send(connect('s', { properties: {} }), subscribe('t'));
    const back = (await life(log, 2)).plug();
    await back.send(connect('s'));
    expect(back.heard()).toMatchObject([{ type: 'connack', sessionPresent: false }]);
  });
});

describe('nothing is acknowledged before it is on record:', () => {
  test('PUBACK, PUBREC, PUBCOMP, SUBACK of a kept session, and CONNACK', async () => {
    const log = new MemoryLog();
    const broker = await life(log, 1);
    const client = broker.plug();
    log.pause();
    await client.send(connect('s'));
    expect(client.heard()).toEqual([]);
    log.resume();
    await settled();
    expect(client.heard()).toMatchObject([{ type: 'connack' }]);
    log.pause();
    await client.send(subscribe('t'), publish(5, 'a', { topic: 'u' }), publish(6, 'b', { topic: 'u', qos: 2 }));
    expect(client.heard()).toEqual([]);
    log.resume();
    await settled();
    expect(client.heard()).toMatchObject([{ type: 'suback' }, { type: 'puback', packetId: 5 }, { type: 'pubrec', packetId: 6 }]);
    log.pause();
    await client.send({ type: 'pubrel', packetId: 6, reasonCode: 0, properties: {} });
    expect(client.heard()).toEqual([]);
    log.resume();
    await settled();
    expect(client.heard()).toMatchObject([{ type: 'pubcomp', packetId: 6 }]);
  });

  test('a message towards a kept session leaves when its packet id is durable', async () => {
    const log = new MemoryLog();
    const broker = await life(log, 1);
    const subscriber = broker.plug();
    await subscriber.send(connect('s'), subscribe('t'));
    subscriber.heard();
    const outbound = () => log.records.filter(({ key, value }) => key === 'outbound:guest/default/s' && value !== null).length;
    await broker.plug().send(connect('p'), publish(1, 'a'));
    expect(texts(subscriber)).toEqual(['a']);
    expect(outbound()).toBe(1);
  });
});

describe('what nobody needs any more', () => {
  test('is removed from the log: a message that all have acknowledged, and a session at its end', async () => {
    const log = new MemoryLog();
    const broker = await life(log, 1);
    const subscriber = broker.plug();
    await subscriber.send(connect('s'), subscribe('t'));
    await broker.plug().send(connect('p', { properties: {} }), publish(1, 'a'));
    const [message] = messages(subscriber);
    await subscriber.send({ type: 'puback', packetId: message?.packetId ?? 0, reasonCode: 0, properties: {} });
    await subscriber.send({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
    const latest = new Map(log.records.map(({ topic, key, value }) => [`${topic} ${key}`, value]));
    expect([...latest].filter(([, value]) => value !== null)).toEqual([]);
  });
});

describe('what an earlier life left on record', () => {
  test('is removed from the partition that it stands in, whoever took it', async () => {
    const log = new MemoryLog();
    const inPartitions = (epoch: number) => life(log, epoch, { partitions: 12 });
    const first = await inPartitions(1);
    // Receivers in several partitions, so that one is not its publisher's.
    const receivers = ['s1', 's2', 's3', 's4'];
    for (const clientId of receivers) {
      const away = first.plug();
      await away.send(connect(clientId), subscribe('t', 1));
      away.socket.destroy();
    }
    await first.plug().send(connect('p', { properties: {} }), publish(1, 'a'));
    const second = await inPartitions(2);
    for (const clientId of receivers) {
      const back = second.plug();
      await back.send(connect(clientId));
      const [message] = messages(back);
      await back.send({ type: 'puback', packetId: message?.packetId ?? 0, reasonCode: 0, properties: {} });
    }
    const records = log.records.filter(({ topic }) => topic === topics.mqttMessages);
    expect(records.map(({ value }) => value !== null)).toEqual([true, false]);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
  });
});

describe('a will', () => {
  const will = { topic: 'w', payload: Buffer.from('gone'), qos: 1 as const, retain: false, properties: {} };

  test('with a delay is dropped when its session is resumed in time [MQTT-3.1.3-9]', async () => {
    const log = new MemoryLog();
    const broker = await life(log, 1);
    const watcher = broker.plug();
    await watcher.send(connect('w'), subscribe('w'));
    const client = broker.plug();
    await client.send(connect('c', { will: { ...will, properties: { willDelayInterval: 60 } } }));
    client.socket.destroy();
    await broker.plug().send(connect('c'));
    expect(texts(watcher)).toEqual([]);
  });

  test('with a delay is published when a clean start ends the session [MQTT-3.1.3-9]', async () => {
    const log = new MemoryLog();
    const broker = await life(log, 1);
    const watcher = broker.plug();
    await watcher.send(connect('w'), subscribe('w'));
    const client = broker.plug();
    await client.send(connect('c', { will: { ...will, properties: { willDelayInterval: 60 } } }));
    client.socket.destroy();
    await broker.plug().send(connect('c', { cleanStart: true }));
    expect(texts(watcher)).toEqual(['gone']);
  });

  test('of a connection that the kill ended is kept, and dropped when its client comes back', async () => {
    const log = new MemoryLog();
    await (await life(log, 1)).plug().send(connect('c', { will, properties: {} }));
    const kept = () => log.records.filter(({ key }) => key === 'will:guest/default/c').at(-1)?.value ?? null;
    expect(kept()).not.toBeNull();
    const second = await life(log, 2);
    expect(kept()).not.toBeNull();
    await second.plug().send(connect('c'));
    expect(kept()).toBeNull();
  });
});
