import { topics } from '@milepost/contracts';
import type { Packet } from '@milepost/mqtt';
import { expect, test, vi } from 'vitest';
import { ack, type BrokerLife, connected, heardInShort, publish, subscribe } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack, withhold } from '../log/log.fixture.js';

const world = brokerWorld();

const retain = (packetId: number, payload: string, more: object = {}) => publish(packetId, payload, { qos: 2, retain: true, ...more });
const TWELVE_HOURS_MS = 12 * 3_600_000;

/** What a client gets that subscribes now. */
async function retained(of: Pick<BrokerLife, 'plug'>): Promise<string[]> {
  const late = await connected(of, 'late', { cleanStart: true, properties: {} });
  await late.send(subscribe('t'));
  return heardInShort(late).slice(2);
}

/** Client `p`, whose session is kept, sends these while the log stores nothing more of what topics retain; the process dies then. */
async function killedOver(...packets: Packet[]): Promise<void> {
  holdBack(world.log, ({ topic }) => topic === topics.mqttRetained);
  await (await connected(world, 'p')).send(...packets);
  await settled();
}

test('a QoS 2 message that is on record when the process dies is retained by the next one: its client need not send it again [MQTT-3.3.1-5, MQTT-4.3.3-10]', async () => {
  await (await connected(world, 'q')).send(retain(1, 'before'));
  await killedOver(retain(1, 'new'));
  const next = await world.nextLife();
  const again = await connected(next, 'p');
  await again.send(retain(1, 'new', { dup: true }), ack('pubrel', 1));
  expect(heardInShort(again)).toEqual(['connack', 'pubrec', 'pubcomp']);
  expect(await retained(next)).toEqual(['new']);
});

test('of two of them the later one is retained, though what was retained last was written after both had come', async () => {
  const letGo = holdBack(world.log, ({ topic, value }) => topic === topics.mqttRetained && String(value) === 'first');
  const client = await connected(world, 'p');
  await client.send(retain(1, 'first'), retain(2, 'second'));
  holdBack(world.log, ({ topic, value }) => topic === topics.mqttRetained && String(value) === 'second');
  letGo();
  await settled();
  expect(await retained(await world.nextLife())).toEqual(['second']);
});

test('one that takes away what its topic retains does so', async () => {
  await (await connected(world, 'q')).send(retain(1, 'before'));
  await killedOver(retain(1, ''));
  expect(await retained(await world.nextLife())).toEqual([]);
});

test.each(['later', ''])('what its topic retained since (%j) stays, as long as its identifier is not released', async (since) => {
  await (await connected(world, 'p')).send(retain(1, 'old'));
  await (await connected(world, 'q')).send(retain(1, since, { qos: 1 }));
  await world.restart();
  await world.restart();
  expect(await retained(world.broker)).toEqual(since === '' ? [] : [since]);
});

test('one of long ago is not brought back: that what its topic retained was removed since may be gone from the log', async () => {
  await (await connected(world, 'p')).send(retain(1, 'old'));
  await (await connected(world, 'q')).send(retain(1, '', { qos: 1 }));
  world.log.records.splice(0, Number.POSITIVE_INFINITY, ...world.log.records.filter(({ topic }) => topic !== topics.mqttRetained));
  vi.setSystemTime(Date.now() + TWELVE_HOURS_MS);
  expect(await retained(await world.nextLife())).toEqual([]);
});

test('it waits for room in the log', async () => {
  await killedOver(retain(1, 'new'));
  const letGo = withhold(world.log, ({ topic }) => topic === topics.mqttRetained);
  await world.restart();
  letGo();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await settled();
  expect(await retained(await world.nextLife())).toEqual(['new']);
});
