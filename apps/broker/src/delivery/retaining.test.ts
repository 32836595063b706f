import { topics } from '@milepost/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { settled } from '../connections/fake-socket.fixture.js';
import { logUpTo } from '../log/log.fixture.js';
import { MemoryLog } from '../log/memory-log.js';
import { type BrokerLife, connect, life, publish, subscribe, texts } from '../sessions/broker-life.fixture.js';

let log: MemoryLog;
let broker: BrokerLife;

let refusesRemovals = false;

beforeEach(async () => {
  log = new MemoryLog();
  // As Kafka does with what it will never take.
  log.refuses = ({ topic, value }) => topic === topics.mqttRetained && (value === null ? refusesRemovals : String(value).startsWith('bad'));
  broker = await life(log, 1);
});

afterEach(() => {
  refusesRemovals = false;
  broker.close();
});

/** What a new subscriber is given, in this life of the broker and in the next. */
async function retained(): Promise<[string[], string[]]> {
  await settled();
  const ask = async (of: BrokerLife) => {
    const late = of.plug();
    await late.send(connect('late', { cleanStart: true, properties: {} }), subscribe('t'));
    return texts(late);
  };
  const here = await ask(broker);
  const next = await life(logUpTo(log, log.records.length), 2);
  const there = await ask(next);
  next.close();
  return [here, there];
}

const retain = (packetId: number, payload: string, qos: 0 | 1 = 1) => publish(qos === 0 ? 0 : packetId, payload, { retain: true, qos });

test.each([0, 1] as const)(
  'what the log refuses to retain (QoS %i) is not retained: what was before is, here and in the next life',
  async (qos) => {
    const publisher = broker.plug();
    await publisher.send(connect('p'), retain(1, 'before'));
    await publisher.send(retain(2, 'bad', qos));
    expect(await retained()).toEqual([['before'], ['before']]);
  },
);

test('where nothing was retained before, nothing is', async () => {
  const publisher = broker.plug();
  await publisher.send(connect('p'), retain(1, 'bad'));
  expect(await retained()).toEqual([[], []]);
});

test('a removal that the log refuses removes nothing', async () => {
  const publisher = broker.plug();
  await publisher.send(connect('p'), retain(1, 'before'));
  refusesRemovals = true;
  await publisher.send(retain(2, ''));
  expect(await retained()).toEqual([['before'], ['before']]);
});

test.each([
  [['bad 1', 'good'], ['good']],
  [['good', 'bad 1'], ['good']],
  [['bad 1', 'bad 2'], ['before']],
  [['good', 'bad 1', 'bad 2'], ['good']],
  [['', 'bad 1'], []],
])('of several that are on their way at a time (%j) the last one that the log takes is retained', async (payloads, left) => {
  const publisher = broker.plug();
  await publisher.send(connect('p'), retain(1, 'before'));
  // Of several clients: what one client sends has its turn one by one.
  const clients = payloads.map(() => broker.plug());
  for (const [index, client] of clients.entries()) await client.send(connect(`p${index}`));
  log.pause();
  for (const [index, client] of clients.entries()) await client.send(retain(0, payloads[index] ?? '', 0));
  log.resume();
  expect(await retained()).toEqual([left, left]);
});
