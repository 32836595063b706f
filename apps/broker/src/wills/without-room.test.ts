import { topics } from '@milepost/contracts';
import type { RecordToAppend } from '@milepost/kafka';
import { describe, expect, test } from 'vitest';
import { connect, connected, life, pass, publish, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { logUpTo, withhold } from '../log/log.fixture.js';

const world = brokerWorld({}, 'intervals and timeouts');

const will = { topic: 't', payload: Buffer.from('gone'), qos: 1 as const, retain: false, properties: {} };

/** Longer than any pause between two attempts. */
const NEXT_ATTEMPT_SECONDS = 6;
/** Longer than a will of a connection that a crash ended waits for its client. */
const DEFERRED_SECONDS = 151;

const inTopic = (name: string) => world.log.records.filter(({ topic, value }) => topic === name && String(value) === 'gone');

describe('a will whose publication the log has no room for', () => {
  test.each([
    ['its record', topics.mqttMessages, false],
    ['what its topic retains', topics.mqttRetained, true],
  ] as const)('(%s) is published when there is, once', async (_what, full, retain) => {
    const watcher = await connected(world, 'w');
    await watcher.send(subscribe('t'));
    const client = await connected(world, 'c', { will: { ...will, retain } });
    const letGo = withhold(world.log, ({ topic, value }) => topic === full && value !== null);
    client.socket.destroy();
    await pass(60);
    expect(texts(watcher)).toEqual([]);
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(texts(watcher)).toEqual(['gone']);
    const elsewhere = await connected(await world.nextLife(), 'elsewhere');
    await elsewhere.send(subscribe('t', 1));
    expect(texts(elsewhere)).toEqual(retain ? ['gone'] : []);
    await pass(DEFERRED_SECONDS);
    expect([texts(watcher), texts(elsewhere)]).toEqual([[], []]);
  });

  test('is on record until its topic retains it, in the life after a crash too', async () => {
    const client = await connected(world, 'c', { will: { ...will, retain: true } });
    client.socket.destroy();
    await settled();
    const isMessage = ({ topic, value }: RecordToAppend) => topic === topics.mqttMessages && String(value) === 'gone';
    const rest = logUpTo(world.log, world.log.records.findIndex(isMessage) + 1);
    const letGo = withhold(rest, ({ topic }) => topic === topics.mqttRetained);
    const next = await life(rest, 2);
    const again = await connected(next, 'c', { will: { ...will, payload: Buffer.from('gone again') } });
    await pass(20);
    expect(again.heard()).toEqual([]);
    const whileFull = logUpTo(rest, rest.records.length);
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(again.heard()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
    next.close();
    for (const log of [whileFull, rest]) {
      const afterwards = await life(log, 3);
      const late = await connected(afterwards, 'late');
      await late.send(subscribe('t'));
      afterwards.close();
      expect(texts(late)).toEqual(['gone']);
    }
  });

  test('does not take the place of what its topic retains since, in the life after a crash', async () => {
    const client = await connected(world, 'c', { will: { ...will, retain: true } });
    client.socket.destroy();
    await settled();
    const isMessage = ({ topic, value }: RecordToAppend) => topic === topics.mqttMessages && String(value) === 'gone';
    const rest = logUpTo(world.log, world.log.records.findIndex(isMessage) + 1);
    const letGo = withhold(rest, ({ topic, value }) => topic === topics.mqttRetained && String(value) === 'gone');
    const next = await life(rest, 2);
    const publisher = await connected(next, 'p');
    await publisher.send(publish(1, 'later', { retain: true }));
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    next.close();
    const afterwards = await life(rest, 3);
    const late = await connected(afterwards, 'late');
    await late.send(subscribe('t'));
    afterwards.close();
    expect(texts(late)).toEqual(['later']);
  });

  test('goes to the topic that it is bridged to once, however often its record is tried', async () => {
    const watcher = await connected(world, 'w');
    await watcher.send(subscribe('t'));
    const vehicle = world.broker.plugBridged();
    await vehicle.send(connect('v', { will }));
    const letGo = withhold(world.log, ({ topic, value }) => topic === topics.mqttMessages && value !== null);
    vehicle.socket.destroy();
    await pass(60);
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(texts(watcher)).toEqual(['gone']);
    expect(inTopic(topics.location)).toHaveLength(1);
  });

  test('is published before the will of its client that comes after it', async () => {
    const watcher = await connected(world, 'w');
    await watcher.send(subscribe('t'));
    const client = await connected(world, 'c', { will });
    const letGo = withhold(world.log, ({ topic, value }) => topic === topics.mqttMessages && value !== null);
    client.socket.destroy();
    await settled();
    const again = await connected(world, 'c', { will: { ...will, payload: Buffer.from('gone again') } });
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(again.heard()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
    again.socket.destroy();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(texts(watcher)).toEqual(['gone', 'gone again']);
  });
});

describe('a will whose removal the log has no room for', () => {
  const onRecord = 'will:guest/default/c';

  test('is off the record before its client hears that it is back: no later life publishes it [MQTT-3.1.3-9]', async () => {
    const client = await connected(world, 'c', { will: { ...will, properties: { willDelayInterval: 300 } } });
    client.socket.destroy();
    await settled();
    const letGo = withhold(world.log, ({ key, value }) => key === onRecord && value === null);
    const back = await connected(world, 'c');
    await pass(10);
    expect(back.heard()).toEqual([]);
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(back.heard()).toMatchObject([{ type: 'connack', sessionPresent: true }]);
    const next = await world.nextLife();
    const watcher = await connected(next, 'w');
    await watcher.send(subscribe('t'));
    await pass(600);
    expect(texts(watcher)).toEqual([]);
  });

  async function saidGoodbye() {
    const client = await connected(world, 'c', { will, properties: {} });
    const letGo = withhold(world.log, ({ key, value }) => key === onRecord && value === null);
    await client.send({ type: 'disconnect', reasonCode: 0, properties: {} });
    await settled();
    return letGo;
  }

  test('is off the record when there is: its client said goodbye, and no later life publishes it', async () => {
    const letGo = await saidGoodbye();
    await pass(60);
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    const next = await world.nextLife();
    const watcher = await connected(next, 'w');
    await watcher.send(subscribe('t'));
    await pass(DEFERRED_SECONDS);
    expect(texts(watcher)).toEqual([]);
  });

  test('does not take the next one of its client with it', async () => {
    const letGo = await saidGoodbye();
    const again = await connected(world, 'c', { will: { ...will, payload: Buffer.from('the next') } });
    expect(again.heard()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
    letGo();
    await pass(60);
    const next = await world.nextLife();
    const watcher = await connected(next, 'w');
    await watcher.send(subscribe('t'));
    await pass(DEFERRED_SECONDS);
    expect(texts(watcher)).toEqual(['the next']);
  });

  test('lets the message that it became go from the record once it is done', async () => {
    const client = await connected(world, 'c', { will, properties: {} });
    const letGo = withhold(world.log, ({ key, value }) => key === onRecord && value === null);
    client.socket.destroy();
    await pass(60);
    expect(await world.read('kept_messages')).toBe(1);
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(await world.read('kept_messages')).toBe(0);
    expect(inTopic(topics.mqttMessages)).toHaveLength(1);
  });
});
