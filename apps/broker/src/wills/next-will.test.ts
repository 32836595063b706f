import type { Connect, Packet, Will } from '@milepost/mqtt';
import { describe, expect, test } from 'vitest';
import { ack, connect, heardInShort, life, pass, SHARED, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack, logUpTo } from '../log/log.fixture.js';

const world = brokerWorld();

const will = (payload: string, willDelayInterval = 0): Will => ({
  topic: 'w',
  payload: Buffer.from(payload),
  qos: 1,
  retain: false,
  properties: { willDelayInterval },
});
const WATCHER = connect('watcher', { properties: { sessionExpiryInterval: 3_600 } });
const goodbye = { type: 'disconnect' as const, reasonCode: 0, properties: {} };

/**
 * Client `c` was lost a moment ago, with a will that is due in a minute, when it had sent these packets; and a session hears of it.
 * @returns of how many records the log is.
 */
async function lost(delaySeconds = 60, ...packets: Packet[]): Promise<number> {
  await world.plug().send(WATCHER, subscribe('w'), goodbye);
  const client = world.plug();
  await client.send(connect('c', { will: will('old', delaySeconds) }), ...packets);
  if (delaySeconds > 0) client.socket.destroy();
  await settled();
  return world.log.records.length;
}

/** What the session hears of in the next life on that much of the log, when all delays are over. */
async function heardInNextLife(cut = world.log.records.length): Promise<string[]> {
  const rest = logUpTo(world.log, cut);
  const next = await life(rest, 2);
  const watcher = next.plug();
  await watcher.send(WATCHER);
  await pass(151);
  const heard = texts(watcher);
  await watcher.send(...heard.map((_, index) => ack('puback', index + 1)));
  next.close();
  // No will, and no message of one, is left for the life after.
  const left = new Map(rest.records.map(({ topic, key, value }) => [`${topic} ${key}`, value]));
  expect([cut, [...left].filter(([key, value]) => value !== null && /[wW]ill:|mqtt.messages/.test(key)).map(([key]) => key)]).toEqual([
    cut,
    [],
  ]);
  return heard;
}

/** What it hears in the next life on that much of the log when that client comes at once. */
async function heardAtOnce(client: Connect, cut = world.log.records.length): Promise<string[]> {
  const next = await life(logUpTo(world.log, cut), 2);
  await next.plug().send(client);
  const watcher = next.plug();
  await watcher.send(WATCHER);
  next.close();
  return texts(watcher);
}

const heardHere = async () => {
  const watcher = world.plug();
  await watcher.send(WATCHER);
  return texts(watcher);
};

const indexOf = (from: number, wanted: string) => {
  const index = world.log.records.findIndex(
    ({ key, value }, at) =>
      at >= from && key?.endsWith('guest/default/c') === true && `${value === null ? 'no ' : ''}${key.split(':')[0]}` === wanted,
  );
  expect(index).toBeGreaterThanOrEqual(from);
  return index;
};

describe('a client with a delayed will comes again with another', () => {
  test('and goes on with its session: until CONNACK is due the will of before is on record, from then on the new one [MQTT-3.1.3-9, MQTT-3.1.2-10]', async () => {
    const before = await lost();
    const letGo = holdBack(world.log, ({ key }) => key === 'session:guest/default/c');
    const back = world.plug();
    await back.send(connect('c', { will: will('new') }));
    expect([heardInShort(back), world.log.records.length]).toEqual([[], before + 1]);
    letGo();
    await settled();
    expect(heardInShort(back)).toEqual(['connack']);
    const established = indexOf(before, 'will');
    expect(established).toBeGreaterThan(before);
    for (let cut = before; cut <= world.log.records.length; cut++)
      expect([cut, await heardInNextLife(cut)]).toEqual([cut, [cut > established ? 'new' : 'old']]);
    await pass(600);
    expect(await heardHere()).toEqual([]);
  });

  test.each([
    ['kept', {}, 'session'],
    ['not kept', { properties: {} }, 'no session'],
  ] as const)(
    'and a clean start whose session is %s: the will of before is published with CONNACK and not sooner, once; the new one is on record as soon as the session of before is over there [MQTT-3.1.3-9, MQTT-3.1.2-8]',
    async (_kept, more, last) => {
      const before = await lost();
      const letGo = holdBack(world.log, ({ key }) => key === 'session:guest/default/c');
      const back = world.plug();
      await back.send(connect('c', { will: will('new'), cleanStart: true, ...more }));
      expect([heardInShort(back), world.log.records.slice(before).some(({ topic }) => topic === 'mqtt.messages')]).toEqual([[], false]);
      letGo();
      await settled();
      expect(heardInShort(back)).toEqual(['connack']);
      const over = indexOf(before, last);
      for (let cut = before; cut <= world.log.records.length; cut++)
        expect([cut, await heardInNextLife(cut)]).toEqual([cut, cut > over ? ['old', 'new'] : ['old']]);
      expect(await heardHere()).toEqual(['old']);
      back.socket.destroy();
      await settled();
      expect(await heardInNextLife()).toEqual(['old', 'new']);
    },
  );

  test.each([false, true])(
    'and is refused (clean start: %s): the will of before waits on, is not published early, and the new one was never one',
    async (cleanStart) => {
      const before = await lost();
      const letGo = holdBack(world.log, ({ key }) => key === 'session:guest/default/c');
      const refused = world.plug();
      await refused.send(connect('c', { will: will('new'), cleanStart }));
      await pass(31);
      expect(refused.heard()).toMatchObject([{ type: 'connack', reasonCode: 0x88 }]);
      letGo();
      await settled();
      expect(world.log.records.slice(before).some(({ topic }) => topic === 'mqtt.messages')).toBe(false);
      for (let cut = before; cut <= world.log.records.length; cut++) expect([cut, await heardInNextLife(cut)]).toEqual([cut, ['old']]);
      await pass(60);
      expect(await heardHere()).toEqual(['old']);
    },
  );
});

describe.each([
  ['kept', {}, 'session'],
  ['not kept', { properties: {} }, 'no session'],
] as const)('a client with a delayed will comes again without another, by a clean start whose session is %s', (_kept, more, last) => {
  const again = connect('c', { cleanStart: true, ...more });

  test('the will of before is published once, and dropped by nobody who begins another session, wherever the log is cut [MQTT-3.1.3-9]', async () => {
    const before = await lost();
    const back = world.plug();
    await back.send(again);
    expect(heardInShort(back)).toEqual(['connack']);
    expect(await heardHere()).toEqual(['old']);
    const over = indexOf(before, last);
    for (let cut = before; cut <= world.log.records.length; cut++) {
      // Who goes on with the session of before drops its will; who goes on with the one after does not.
      const heard = [await heardAtOnce(again, cut), await heardAtOnce(connect('c'), cut)];
      expect([cut, heard]).toEqual([cut, [['old'], cut > over ? ['old'] : []]]);
    }
    for (let cut = before; cut <= world.log.records.length; cut++) expect([cut, await heardInNextLife(cut)]).toEqual([cut, ['old']]);
  });

  test('both are published where the will of before had still to give way to one that was delayed as well', async () => {
    await lost();
    const letGo = holdBack(world.log, ({ topic }) => topic === 'mqtt.messages');
    const second = world.plug();
    await second.send(connect('c', { will: will('new', 60), cleanStart: true }));
    expect(heardInShort(second)).toEqual(['connack']);
    second.socket.destroy();
    await settled();
    const before = world.log.records.length;
    await world.plug().send(again);
    const over = indexOf(before, last);
    letGo();
    await settled();
    for (let cut = before; cut <= world.log.records.length; cut++) {
      const heard = [await heardAtOnce(again, cut), await heardAtOnce(connect('c'), cut)];
      expect([cut, heard]).toEqual([cut, [['old', 'new'], cut > over ? ['old', 'new'] : ['old']]]);
    }
    expect(await heardInNextLife()).toEqual(['old', 'new']);
  });
});

test('a will that is being published when it moves up is published in the life after too, whoever comes back there', async () => {
  await lost();
  const letOld = holdBack(world.log, ({ topic, value }) => topic === 'mqtt.messages' && String(value) === 'old');
  holdBack(world.log, ({ topic, value }) => topic === 'mqtt.messages' && String(value) === 'new');
  const second = world.plug();
  await second.send(connect('c', { will: will('new', 60), cleanStart: true }));
  second.socket.destroy();
  await settled();
  const again = connect('c', { cleanStart: true });
  await world.plug().send(again);
  letOld();
  await settled();
  for (const client of [again, connect('c')]) expect(await heardAtOnce(client)).toEqual(['old', 'new']);
});

test('a will whose connection ended with the process is put off again in the life after, and dropped by who comes back there, though a CONNECT came to nothing in between', async () => {
  await lost(0);
  await world.restart();
  const letGo = holdBack(world.log, ({ key }) => key === 'will:guest/default/c');
  const gone = world.plug();
  await gone.send(connect('c', { will: will('new') }));
  gone.socket.destroy();
  letGo();
  await settled();
  expect(heardInShort(gone)).toEqual([]);
  expect(await heardAtOnce(connect('c', { cleanStart: true }))).toEqual([]);
  expect(await heardInNextLife()).toEqual(['old']);
});

test('a delayed will is published with its session when a clean start ends that and is refused all the same, and the new one was never one [MQTT-3.1.3-9]', async () => {
  const before = await lost(60, subscribe(SHARED));
  const letGo = holdBack(world.log, ({ key }) => key === 'session:guest/default/c');
  const refused = world.plug();
  await refused.send(connect('c', { will: will('new'), cleanStart: true }));
  await pass(31);
  expect(refused.heard()).toMatchObject([{ type: 'connack', reasonCode: 0x88 }]);
  letGo();
  await settled();
  expect(world.log.records.slice(before).filter(({ topic }) => topic === 'mqtt.messages')).toMatchObject([{ value: Buffer.from('old') }]);
  for (let cut = before; cut <= world.log.records.length; cut++) expect([cut, await heardInNextLife(cut)]).toEqual([cut, ['old']]);
  expect(await heardHere()).toEqual(['old']);
});

test('a client that takes over its connection with another will: the one of before is on record until it is published [MQTT-3.1.2-8]', async () => {
  const before = await lost(0);
  const letGo = holdBack(world.log, ({ topic }) => topic === 'mqtt.messages');
  const back = world.plug();
  await back.send(connect('c', { will: will('new') }));
  expect(heardInShort(back)).toEqual([]);
  letGo();
  await settled();
  expect(heardInShort(back)).toEqual(['connack']);
  for (let cut = before; cut <= world.log.records.length; cut++) {
    const heard = await heardInNextLife(cut);
    expect([cut, heard[0], ['old', 'new'].slice(0, heard.length)]).toEqual([cut, 'old', heard]);
  }
  expect(await heardInNextLife()).toEqual(['old', 'new']);
});
