import { topics } from '@milepost/contracts';
import { beforeEach, expect, test } from 'vitest';
import { type BrokerLife, connect, publish, subscribe, texts } from '../../broker-life.fixture.js';
import { brokerWorld } from '../../broker-world.fixture.js';
import { settled } from '../../connections/fake-socket.fixture.js';
import { withhold } from '../../log/log.fixture.js';

const world = brokerWorld();

let refusesRemovals = false;

beforeEach(() => {
  refusesRemovals = false;
  // As Kafka does with what it will never take.
  world.log.refuses = ({ topic, value }) =>
    topic === topics.mqttRetained && (value === null ? refusesRemovals : String(value).startsWith('bad'));
});

/** What a new subscriber is given, in this life of the broker and in the next. */
async function retained(): Promise<[string[], string[]]> {
  await settled();
  const ask = async (of: BrokerLife) => {
    const late = of.plug();
    await late.send(connect('late', { cleanStart: true, properties: {} }), subscribe('t'));
    return texts(late);
  };
  const here = await ask(world.broker);
  const there = await ask(await world.nextLife());
  return [here, there];
}

const retain = (packetId: number, payload: string, qos: 0 | 1 = 1) => publish(qos === 0 ? 0 : packetId, payload, { retain: true, qos });

test.each([0, 1] as const)(
  'what the log refuses to retain (QoS %i) is not retained: what was before is, here and in the next life',
  async (qos) => {
    const publisher = world.plug();
    await publisher.send(connect('p'), retain(1, 'before'));
    await publisher.send(retain(2, 'bad', qos));
    expect(await retained()).toEqual([['before'], ['before']]);
  },
);

test.each([
  ['finds no room for', (): unknown => withhold(world.log, ({ topic }) => topic === topics.mqttRetained), 'bad'],
  ['refuses', (): unknown => undefined, 'before'],
] as const)('of QoS 0, what the log %s is counted as dropped: the next life does not retain it', async (_what, stop, here) => {
  const publisher = world.plug();
  await publisher.send(connect('p'), retain(1, 'before'));
  expect(await world.read('qos0_dropped_total')).toBe(0);
  stop();
  await publisher.send(retain(2, 'bad', 0));
  expect(await retained()).toEqual([[here], ['before']]);
  expect(await world.read('qos0_dropped_total')).toBe(1);
});

test('where nothing was retained before, nothing is', async () => {
  const publisher = world.plug();
  await publisher.send(connect('p'), retain(1, 'bad'));
  expect(await retained()).toEqual([[], []]);
});

test('a removal that the log refuses removes nothing', async () => {
  const publisher = world.plug();
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
  const publisher = world.plug();
  await publisher.send(connect('p'), retain(1, 'before'));
  // Of several clients: what one client sends has its turn one by one.
  const clients = payloads.map(() => world.plug());
  for (const [index, client] of clients.entries()) await client.send(connect(`p${index}`));
  world.log.pause();
  for (const [index, client] of clients.entries()) await client.send(retain(0, payloads[index] ?? '', 0));
  world.log.resume();
  expect(await retained()).toEqual([left, left]);
});
