import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack, logUpTo } from '../log/log.fixture.js';
import { MemoryLog } from '../log/memory-log.js';
import { BrokerMetrics } from '../metrics.js';
import { type BrokerLife, connect, heardInShort, life, pass, publish, subscribe, texts } from '../sessions/broker-life.fixture.js';

let log: MemoryLog;
let metrics: BrokerMetrics;
let broker: BrokerLife;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  log = new MemoryLog();
  metrics = new BrokerMetrics(new Registry());
  broker = await life(log, 1, undefined, 1, { metrics });
});

afterEach(() => {
  broker.close();
  vi.useRealTimers();
});

const unsubscribe = { type: 'unsubscribe' as const, packetId: 2, filters: ['t'], properties: {} };
const reached = () => metrics.read({ name: 'limits_reached_total', labels: { limit: 'suback_time' } });

/** A client whose session was put on record before its partition stalled. */
async function stalled(version: 4 | 5) {
  const client = broker.plug(version);
  await client.send(connect('c', { protocolVersion: version }));
  client.heard();
  const letGo = holdBack(log, ({ key }) => key === 'session:guest/default/c');
  return { client, letGo };
}

test.each([
  [5, [{ type: 'disconnect', reasonCode: 0x89 }]],
  [4, []],
] as const)(
  'a SUBSCRIBE of level %d whose session finds no place on record ends its connection in time; what is on record afterwards is what is in memory',
  async (version, farewell) => {
    const { client, letGo } = await stalled(version);
    await client.send(subscribe('t'));
    await pass(29);
    expect([client.heard(), client.socket.ended]).toEqual([[], false]);
    await pass(2);
    expect(client.heard()).toMatchObject(farewell);
    expect([client.socket.ended, await reached()]).toEqual([true, 1]);
    letGo();
    await settled();
    // Nobody was told that the subscription is there, nor that it is not: it is, in both.
    await broker.plug().send(connect('p'), publish(1, 'a'));
    const next = await life(logUpTo(log, log.records.length), 2);
    for (const each of [broker, next]) {
      const back = each.plug(version);
      await back.send(connect('c', { protocolVersion: version }));
      expect(heardInShort(back)).toEqual(['connack', 'a']);
      await back.send(subscribe('t'));
      expect(heardInShort(back)).toEqual(['suback']);
    }
    next.close();
  },
);

test('an UNSUBSCRIBE likewise', async () => {
  const first = broker.plug();
  await first.send(connect('c'), subscribe('t'));
  first.socket.destroy();
  const { client, letGo } = await stalled(5);
  await client.send(unsubscribe);
  await pass(31);
  expect(client.heard()).toMatchObject([{ type: 'disconnect', reasonCode: 0x89 }]);
  letGo();
  await settled();
  await broker.plug().send(connect('p'), publish(1, 'a'));
  const next = await life(logUpTo(log, log.records.length), 2);
  for (const each of [broker, next]) {
    const back = each.plug();
    await back.send(connect('c'));
    expect(texts(back)).toEqual([]);
  }
  next.close();
});

test('a client that waits several times over is sent away once, and one that gets its SUBACK in time is not', async () => {
  const { client, letGo } = await stalled(5);
  await client.send(subscribe('t'), { ...subscribe('u'), packetId: 2 });
  await pass(20);
  letGo();
  await settled();
  expect(heardInShort(client)).toEqual(['suback', 'suback']);
  await pass(60);
  expect([client.socket.ended, await reached()]).toEqual([false, 0]);
  const other = await stalled(5);
  await other.client.send(subscribe('t'), { ...subscribe('u'), packetId: 2 });
  await pass(31);
  expect([heardInShort(other.client), await reached()]).toEqual([['disconnect'], 1]);
  other.letGo();
});
