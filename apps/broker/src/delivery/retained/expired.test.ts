import { topics } from '@milepost/contracts';
import type { RecordToAppend } from '@milepost/kafka';
import { DEFAULT_ROUTER_LIMITS } from '@milepost/mqtt';
import { expect, test } from 'vitest';
import { type BrokerLife, connected, pass, publish, subscribe, texts } from '../../broker-life.fixture.js';
import { brokerWorld } from '../../broker-world.fixture.js';
import { settled } from '../../connections/fake-socket.fixture.js';
import { holdBack } from '../../log/log.fixture.js';

const world = brokerWorld({ router: { ...DEFAULT_ROUTER_LIMITS, maxMessages: 2 } });

/** The topics that retain something on record. */
function onRecord(): string[] {
  const keys = new Set<string>();
  for (const { topic, key, value } of world.log.records) {
    if (topic !== topics.mqttRetained || key === null) continue;
    if (value === null) keys.delete(key);
    else keys.add(key);
  }
  return [...keys].map((key) => key.slice(key.lastIndexOf('/') + 1)).toSorted();
}

/** What is told to expire does so in a second. */
const retain = (packetId: number, topic: string, properties = {}) => publish(packetId, topic, { topic, retain: true, properties });
const expiring = (packetId: number, topic: string) => retain(packetId, topic, { messageExpiryInterval: 1 });

test('a retained message that has expired goes off the record when another needs its room: topics that never come again leave nothing', async () => {
  const publisher = await connected(world, 'p');
  for (const [first, second] of ['ab', 'cd', 'ef']) {
    await publisher.send(expiring(1, first ?? ''), expiring(2, second ?? ''));
    expect(onRecord()).toEqual([first, second]);
    await pass(2);
  }
});

test('and when a broker starts, and is retained by none', async () => {
  const publisher = await connected(world, 'p');
  await publisher.send(expiring(1, 'a'), retain(2, 'b'));
  await pass(2);
  expect(onRecord()).toEqual(['a', 'b']);
  await world.restart();
  await settled();
  expect([onRecord(), await world.read('retained_messages')]).toEqual([['b'], 1]);
});

test('a topic that retains something again by then keeps it', async () => {
  const publisher = await connected(world, 'p');
  await publisher.send(expiring(1, 'a'), expiring(2, 'b'));
  await pass(2);
  await publisher.send(retain(3, 'a'), retain(4, 'c'));
  expect(onRecord()).toEqual(['a', 'c']);
  await world.restart();
  await settled();
  expect([onRecord(), await world.read('retained_messages')]).toEqual([['a', 'c'], 2]);
});

/** What of topic `a` a client gets that subscribes in this broker. */
async function retainedOnA(of: Pick<BrokerLife, 'plug'>): Promise<string[]> {
  const late = await connected(of, 'late', { cleanStart: true, properties: {} });
  await late.send(subscribe('a'));
  return texts(late);
}

const received = publish(1, 'new', { topic: 'a', qos: 2, retain: true });

test('a message of QoS 2 that is on record, and not retained yet in place of an expired one, is retained when the process dies then', async () => {
  const [publisher, slow, sender] = [await connected(world, 'p'), await connected(world, 's'), await connected(world, 'q')];
  await publisher.send(expiring(1, 'a'), expiring(2, 'b'));
  await pass(2);
  holdBack(world.log, ({ value }) => String(value) === 'slow');
  await slow.send(publish(1, 'slow'));
  await sender.send(received);
  await publisher.send(retain(3, 'c'));
  await settled();
  expect(await retainedOnA(await world.nextLife())).toEqual(['new']);
});

test('so it is when the next one dies as well, and had taken the expired one off the record by then', async () => {
  await (await connected(world, 'p')).send(expiring(1, 'a'));
  await pass(2);
  const isNew = ({ topic, value }: RecordToAppend) => topic === topics.mqttRetained && value !== null;
  holdBack(world.log, isNew);
  await (await connected(world, 'q')).send(received);
  await world.restart();
  await settled();
  expect(onRecord()).toEqual([]);
  expect(await retainedOnA(await world.nextLife())).toEqual(['new']);
});
