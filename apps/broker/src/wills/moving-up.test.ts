import type { RecordToAppend } from '@milepost/kafka';
import type { Will } from '@milepost/mqtt';
import { describe, expect, test } from 'vitest';
import { ack, connect, connected, heardInShort, life, pass, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import type { FakeClient } from '../connections/fake-socket.fixture.js';
import { holdBack, logUpTo, withhold } from '../log/log.fixture.js';

const world = brokerWorld({}, 'intervals and timeouts');

/** Longer than any pause between two attempts. */
const NEXT_ATTEMPT_SECONDS = 6;
/** Longer than a will waits in the next life. */
const DEFERRED_SECONDS = 151;

const will = (payload: string, willDelayInterval = 0): Will => ({
  topic: 'w',
  payload: Buffer.from(payload),
  qos: 1,
  retain: false,
  properties: { willDelayInterval },
});
const WATCHER = connect('watcher', { properties: { sessionExpiryInterval: 3_600 } });
const goodbye = { type: 'disconnect' as const, reasonCode: 0, properties: {} };

const isWritten = ({ key, value }: RecordToAppend) => key === 'will:guest/default/c' && value !== null;
const isRemoval = ({ key, value }: RecordToAppend) => key === 'nextWill:guest/default/c' && value === null;

/** Client `c` has come again with another will, by a clean start that published the one of before, when the log had room for all but that. */
async function cameAgain(isFull: (record: RecordToAppend) => boolean, delaySeconds = 0, stop = withhold) {
  await world.plug().send(WATCHER, subscribe('w'), goodbye);
  const first = await connected(world, 'c', { will: will('old', 60) });
  first.socket.destroy();
  await pass(1);
  const letGo = stop(world.log, isFull);
  const client = await connected(world, 'c', { will: will('new', delaySeconds), cleanStart: true });
  expect(heardInShort(client)).toEqual(['connack']);
  return { client, letGo, before: world.log.records.length };
}

const taken = async (watcher: FakeClient) => {
  const heard = texts(watcher);
  await watcher.send(...heard.map((_, index) => ack('puback', index + 1)));
  return heard;
};

/** What the session hears of after a crash when the log had that many records; and then nothing of any will is left there. */
async function heardInNextLife(cut = world.log.records.length): Promise<string[]> {
  const rest = logUpTo(world.log, cut);
  const next = await life(rest, 2);
  const watcher = next.plug();
  await watcher.send(WATCHER);
  await pass(DEFERRED_SECONDS);
  const heard = await taken(watcher);
  await pass(NEXT_ATTEMPT_SECONDS);
  next.close();
  const left = new Map(rest.records.map(({ topic, key, value }) => [`${topic} ${key}`, value]));
  expect([...left].flatMap(([key, value]) => (value !== null && /[wW]ill:|mqtt.messages/.test(key) ? [key] : []))).toEqual([]);
  return heard;
}

describe('a will that has still to get the place of the one before, for which the log has no room,', () => {
  test('keeps its own place until then, and is published once, whenever the process dies', async () => {
    const { letGo, before } = await cameAgain(isWritten);
    await pass(60);
    const whileFull = world.log.records.length;
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(world.log.records.slice(whileFull).map(({ key, value }) => `${value === null ? 'no ' : ''}${key}`)).toEqual(
      expect.arrayContaining(['will:guest/default/c', 'no nextWill:guest/default/c']),
    );
    for (let cut = before; cut <= world.log.records.length; cut++) expect([cut, await heardInNextLife(cut)]).toEqual([cut, ['old', 'new']]);
  });

  test('is off the record in both when its client says goodbye', async () => {
    const { client, letGo } = await cameAgain(isWritten);
    await client.send(goodbye);
    await pass(60);
    expect(await heardInNextLife()).toEqual(['old']);
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(await heardInNextLife()).toEqual(['old']);
  });

  test('is one whose delay runs there too, where that begins meanwhile: who begins another session has it published', async () => {
    const { client, letGo } = await cameAgain(isWritten, 60, holdBack);
    client.socket.destroy();
    await pass(1);
    letGo();
    await pass(1);
    const next = await world.nextLife();
    await connected(next, 'c', { cleanStart: true });
    const watcher = next.plug();
    await watcher.send(WATCHER);
    expect(texts(watcher)).toEqual(['old', 'new']);
  });

  test('is not written over by the one that its client comes with next', async () => {
    const { client, letGo } = await cameAgain(isWritten, 60);
    client.socket.destroy();
    await pass(1);
    const before = world.log.records.length;
    const again = await connected(world, 'c', { will: will('newest'), cleanStart: true });
    await pass(10);
    expect(heardInShort(again)).toEqual([]);
    const whileFull = world.log.records.length;
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(again.heard()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
    expect(await heardInNextLife()).toEqual(['old', 'new', 'newest']);
    for (let cut = before; cut <= whileFull; cut++) expect([cut, await heardInNextLife(cut)]).toEqual([cut, ['old', 'new']]);
  });
});

describe('a will that has the place of the one before, and its own still, as the log has no room for the removal,', () => {
  test('does not come before one that is newer: that is its client’s, the other was dropped', async () => {
    const { client } = await cameAgain(isRemoval);
    await client.send(goodbye);
    const again = await connected(world, 'c', { will: will('newest', 60) });
    expect(heardInShort(again)).toEqual(['connack']);
    expect(await heardInNextLife()).toEqual(['old', 'newest']);
  });

  test('takes its message with it in the next life, where a newer one has come', async () => {
    const { client } = await cameAgain(isRemoval);
    client.socket.destroy();
    await pass(1);
    await connected(world, 'c', { will: will('newest') });
    expect(await heardInNextLife()).toEqual(['old', 'new', 'newest']);
  });

  test('is published once, though the process dies then', async () => {
    const { client } = await cameAgain(isRemoval);
    client.socket.destroy();
    await pass(1);
    expect(await heardInNextLife()).toEqual(['old', 'new']);
  });

  test('is published once, though the next process finds no room either until it is done', async () => {
    await cameAgain(isRemoval);
    const rest = logUpTo(world.log, world.log.records.length);
    const letGo = withhold(rest, isRemoval);
    const next = await life(rest, 2);
    const watcher = next.plug();
    await watcher.send(WATCHER);
    await pass(DEFERRED_SECONDS);
    expect(await taken(watcher)).toEqual(['old', 'new']);
    letGo();
    next.close();
    const afterwards = await life(rest, 3);
    const later = afterwards.plug();
    await later.send(WATCHER);
    await pass(DEFERRED_SECONDS);
    afterwards.close();
    expect(texts(later)).toEqual([]);
  });
});

test('a will that stands beside none is kept in the life after, when its client comes with another that is not accepted yet', async () => {
  await cameAgain(isWritten, 60);
  const rest = logUpTo(world.log, world.log.records.length);
  // As if the will of before had gone by itself.
  rest.records.splice(0, Number.POSITIVE_INFINITY, ...rest.records.filter(({ key }) => key !== 'will:guest/default/c'));
  const next = await life(rest, 2);
  const letGo = holdBack(rest, ({ key, value }) => key === 'session:guest/default/c' && value !== null);
  const again = await connected(next, 'c', { will: will('newest') });
  expect(heardInShort(again)).toEqual([]);
  next.close();
  const afterwards = await life(logUpTo(rest, rest.records.length), 3);
  letGo();
  const watcher = afterwards.plug();
  await watcher.send(WATCHER);
  await pass(DEFERRED_SECONDS);
  afterwards.close();
  expect(texts(watcher)).toEqual(['old', 'new']);
});
