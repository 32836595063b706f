import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FakeClient, settled } from '../connections/fake-socket.fixture.js';
import { MemoryLog } from '../log/memory-log.js';
import { type BrokerLife, connect, heardInShort, life, publish, subscribe, texts } from './broker-life.fixture.js';

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

/** Members of one group, in the order in which messages go to them. */
async function members(...clientIds: string[]): Promise<FakeClient[]> {
  const all: FakeClient[] = [];
  for (const clientId of clientIds) {
    const member = broker.plug();
    await member.send(connect(clientId), subscribe('$share/g/t'));
    member.heard();
    all.push(member);
  }
  return all;
}

const leave = { type: 'disconnect' as const, reasonCode: 0, properties: { sessionExpiryInterval: 0 } };

test('a shared message whose next member ends before it is there goes to the one after that', async () => {
  const [a, b, c] = await members('a', 'b', 'c');
  await broker.plug().send(connect('p'), publish(1, 'one'));
  expect(texts(a as FakeClient)).toEqual(['one']);
  log.pause();
  await a?.send(leave);
  await b?.send(leave);
  log.resume();
  for (let round = 0; round < 5; round++) await settled();
  expect(texts(c as FakeClient)).toEqual(['one']);
});

test('a session that began behind one that passed a message on leaves its place to the next', async () => {
  const [a] = await members('a', 'b');
  await broker.plug().send(connect('p'), publish(1, 'one'));
  a?.socket.destroy();
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
    const [a, b] = await members('a', 'b');
    const publisher = broker.plug();
    await publisher.send(connect('p'));
    publisher.heard();
    let letGo: () => void = () => undefined;
    const isLetGo = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const append = log.append.bind(log);
    log.append = (record, options) =>
      record.topic === 'mqtt.retained' ? isLetGo.then(() => append(record, options)) : append(record, options);
    await publisher.send(publish(1, 'one', { retain: true }));
    await a?.send(leave);
    for (let round = 0; round < 5; round++) await settled();
    return { b: b as FakeClient, publisher, letGo };
  }

  test('goes to another', async () => {
    const { b, publisher, letGo } = await endedMeanwhile();
    expect(texts(b)).toEqual([]);
    letGo();
    for (let round = 0; round < 5; round++) await settled();
    expect([texts(b), heardInShort(publisher)]).toEqual([['one'], ['puback']]);
  });

  test('is there wherever the log was cut: with its first member, or with another', async () => {
    const { letGo } = await endedMeanwhile();
    const recorded = log.records.findIndex(({ topic }) => topic === 'mqtt.messages') + 1;
    letGo();
    for (let round = 0; round < 5; round++) await settled();
    for (let cut = recorded; cut <= log.records.length; cut++) {
      const rest = new MemoryLog();
      rest.records.push(...log.records.slice(0, cut));
      const next = await life(rest, 2);
      const back = next.plug();
      await back.send(connect('b'));
      vi.advanceTimersByTime(601_000);
      for (let round = 0; round < 5; round++) await settled();
      expect([cut, [...new Set(texts(back))]]).toEqual([cut, ['one']]);
      next.close();
    }
  });
});
