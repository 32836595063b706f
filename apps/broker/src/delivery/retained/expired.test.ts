import { topics } from '@milepost/contracts';
import { DEFAULT_ROUTER_LIMITS } from '@milepost/mqtt';
import { expect, test } from 'vitest';
import { connected, pass, publish } from '../../broker-life.fixture.js';
import { brokerWorld } from '../../broker-world.fixture.js';
import { settled } from '../../connections/fake-socket.fixture.js';

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
