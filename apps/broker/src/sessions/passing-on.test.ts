import { describe, expect, test } from 'vitest';
import {
  connect,
  connected,
  heardInShort,
  messages,
  pass,
  publish,
  SHARED,
  sharedMembers,
  subscribe,
  texts,
} from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack } from '../log/log.fixture.js';

const world = brokerWorld();

/** What goes through the log several times, one after the other, has arrived. */
async function settledAtLast(): Promise<void> {
  for (let round = 0; round < 5; round++) await settled();
}

const leave = { type: 'disconnect' as const, reasonCode: 0, properties: { sessionExpiryInterval: 0 } };

test('a shared message whose next member ends before it is there goes to the one after that', async () => {
  const [a, b, c] = await sharedMembers(world, 'a', 'b', 'c');
  await world.plug().send(connect('p'), publish(1, 'one'));
  expect(texts(a)).toEqual(['one']);
  world.log.pause();
  await a.send(leave);
  await b.send(leave);
  world.log.resume();
  await settledAtLast();
  expect(texts(c)).toEqual(['one']);
});

test('a shared message whose next member ends before it is there is lost nowhere where the log is cut', async () => {
  const [a, b] = await sharedMembers(world, 'a', 'b', 'c');
  await world.plug().send(connect('p'), publish(1, 'one'));
  const before = world.log.records.length;
  const letGo = holdBack(world.log, ({ topic, value }) => topic === 'mqtt.messages' && value !== null);
  await a.send(leave);
  await b.send(leave);
  // The record of its new member is on its way, and that of the member's session is gone.
  expect(world.log.records.findLast(({ key }) => key === 'session:guest/default/b')).toMatchObject({ value: null });
  letGo();
  await settledAtLast();
  for await (const { cut, next } of world.nextLivesSince(before)) {
    const last = await connected(next, 'c');
    await pass(601);
    await settledAtLast();
    expect([cut, texts(last)]).toEqual([cut, ['one']]);
  }
});

test('a session that began behind one that passed a message on leaves its place to the next', async () => {
  const [a] = await sharedMembers(world, 'a', 'b');
  await world.plug().send(connect('p'), publish(1, 'one'));
  a.socket.destroy();
  for (let start = 0; start < 2; start++) {
    const again = await connected(world, 'a', { cleanStart: true });
    await settled();
    expect(heardInShort(again)).toEqual(['connack']);
  }
  const next = await world.nextLife();
  const back = await connected(next, 'a');
  expect(back.heard()).toMatchObject([{ type: 'connack', sessionPresent: true }]);
});

describe('a shared message whose member ends while it is being retained', () => {
  /** Members `a` and `b`, and the message retained for as long as `letGo` is not called; `a`, whose turn it was, has ended. */
  async function endedMeanwhile() {
    const [a, b] = await sharedMembers(world, 'a', 'b');
    const publisher = await connected(world, 'p');
    publisher.heard();
    const letGo = holdBack(world.log, ({ topic }) => topic === 'mqtt.retained');
    await publisher.send(publish(1, 'one', { retain: true }));
    await a.send(leave);
    await settledAtLast();
    return { b, publisher, letGo };
  }

  test('goes to another', async () => {
    const { b, publisher, letGo } = await endedMeanwhile();
    expect(texts(b)).toEqual([]);
    letGo();
    await settledAtLast();
    expect([texts(b), heardInShort(publisher)]).toEqual([['one'], ['puback']]);
  });

  test('is there once, wherever the log was cut: with its first member, or with another', async () => {
    const { letGo } = await endedMeanwhile();
    const recorded = world.log.records.findIndex(({ topic }) => topic === 'mqtt.messages') + 1;
    letGo();
    await settledAtLast();
    for await (const { cut, next } of world.nextLivesSince(recorded)) {
      const back = await connected(next, 'b');
      await pass(601);
      await settledAtLast();
      expect([cut, texts(back)]).toEqual([cut, ['one']]);
    }
  });
});

test('a shared message keeps the RETAIN that it was published with, whoever has it meanwhile, wherever the log was cut [MQTT-3.3.1-13]', async () => {
  const short = { properties: { sessionExpiryInterval: 1 } };
  const members = [await connected(world, 'a', short), await connected(world, 'b', short), await connected(world, 'c')];
  for (const [index, member] of members.entries()) {
    const { subscriptions, ...packet } = subscribe(SHARED);
    await member.send({ ...packet, subscriptions: subscriptions.map((each) => ({ ...each, retainAsPublished: index === 2 })) });
  }
  await world.plug().send(connect('p'), publish(1, 'one', { retain: true }));
  for (const member of members) member.socket.destroy();
  await settled();
  const before = world.log.records.length;
  for (const clientId of ['a', 'b']) {
    const last = await connected(world, clientId, short);
    expect(messages(last)).toMatchObject([{ retain: false }]);
    await last.send(leave);
    await settledAtLast();
  }
  expect(messages(await connected(world, 'c'))).toMatchObject([{ payload: Buffer.from('one'), retain: true }]);
  for await (const { cut, next } of world.nextLivesSince(before)) {
    const back = await connected(next, 'c');
    await pass(2);
    await settledAtLast();
    expect([cut, messages(back)]).toMatchObject([cut, [{ payload: Buffer.from('one'), retain: true }]]);
  }
});
