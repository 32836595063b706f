import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack, logUpTo } from '../log/log.fixture.js';
import { MemoryLog } from '../log/memory-log.js';
import { type BrokerLife, connect, heardInShort, life, pass, publish, sharedMembers, texts } from './broker-life.fixture.js';

let log: MemoryLog;
let broker: BrokerLife;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  log = new MemoryLog();
  broker = await life(log, 1);
});

afterEach(() => {
  broker.close();
  vi.useRealTimers();
});

const leave = { type: 'disconnect' as const, reasonCode: 0, properties: { sessionExpiryInterval: 0 } };

test('a shared message whose next member ends before it is there goes to the one after that', async () => {
  const [a, b, c] = await sharedMembers(broker, 'a', 'b', 'c');
  await broker.plug().send(connect('p'), publish(1, 'one'));
  expect(texts(a)).toEqual(['one']);
  log.pause();
  await a.send(leave);
  await b.send(leave);
  log.resume();
  for (let round = 0; round < 5; round++) await settled();
  expect(texts(c)).toEqual(['one']);
});

test('a session that began behind one that passed a message on leaves its place to the next', async () => {
  const [a] = await sharedMembers(broker, 'a', 'b');
  await broker.plug().send(connect('p'), publish(1, 'one'));
  a.socket.destroy();
  for (let start = 0; start < 2; start++) {
    const again = broker.plug();
    await again.send(connect('a', { cleanStart: true }));
    await settled();
    expect(heardInShort(again)).toEqual(['connack']);
  }
  const next = await life(log, 2);
  const back = next.plug();
  await back.send(connect('a'));
  expect(back.heard()).toMatchObject([{ type: 'connack', sessionPresent: true }]);
  next.close();
});

describe('a shared message whose member ends while it is being retained', () => {
  /** Members `a` and `b`, and the message retained for as long as `letGo` is not called; `a`, whose turn it was, has ended. */
  async function endedMeanwhile() {
    const [a, b] = await sharedMembers(broker, 'a', 'b');
    const publisher = broker.plug();
    await publisher.send(connect('p'));
    publisher.heard();
    const letGo = holdBack(log, ({ topic }) => topic === 'mqtt.retained');
    await publisher.send(publish(1, 'one', { retain: true }));
    await a.send(leave);
    for (let round = 0; round < 5; round++) await settled();
    return { b, publisher, letGo };
  }

  test('goes to another', async () => {
    const { b, publisher, letGo } = await endedMeanwhile();
    expect(texts(b)).toEqual([]);
    letGo();
    for (let round = 0; round < 5; round++) await settled();
    expect([texts(b), heardInShort(publisher)]).toEqual([['one'], ['puback']]);
  });

  test('is there once, wherever the log was cut: with its first member, or with another', async () => {
    const { letGo } = await endedMeanwhile();
    const recorded = log.records.findIndex(({ topic }) => topic === 'mqtt.messages') + 1;
    letGo();
    for (let round = 0; round < 5; round++) await settled();
    for (let cut = recorded; cut <= log.records.length; cut++) {
      const next = await life(logUpTo(log, cut), 2);
      const back = next.plug();
      await back.send(connect('b'));
      await pass(601);
      for (let round = 0; round < 5; round++) await settled();
      expect([cut, texts(back)]).toEqual([cut, ['one']]);
      next.close();
    }
  });
});
