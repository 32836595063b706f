import { topicPolicies, topics } from '@milepost/contracts';
import { encodedBytes } from '@milepost/kafka';
import { beforeEach, expect, test } from 'vitest';
import { ack, type BrokerLife, connect, publish, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import type { MemoryLog } from '../log/memory-log.js';

/** Kafka's limit of a batch, without what is around a record in it. */
const KAFKA_BYTES = Math.min(...topicPolicies.map(({ maxMessageBytes }) => maxMessageBytes)) - 100;
/** Long names: some of them fill a record as many short ones do. */
const CLIENTS = Array.from({ length: 90 }, (_, index) => `${'c'.repeat(30_000)}${index}`);
const GOODBYE = { type: 'disconnect' as const, reasonCode: 0, properties: {} };

const world = brokerWorld();

beforeEach(async () => {
  // As Kafka does.
  world.log.refuses = (record) => encodedBytes(record) > KAFKA_BYTES;
  for (const clientId of CLIENTS) await world.plug().send(connect(clientId), subscribe('t'), GOODBYE);
});

const ofMessages = (from: number) => world.log.records.slice(from).filter(({ topic }) => topic === topics.mqttMessages);

/** Which of the clients get what from a broker: how many they are, by what. */
async function delivered(by: BrokerLife): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const clientId of CLIENTS) {
    const client = by.plug();
    await client.send(connect(clientId));
    const got = texts(client);
    await client.send(...got.map((_, index) => ack('puback', index + 1)), GOODBYE);
    counts[got.join(' ')] = (counts[got.join(' ')] ?? 0) + 1;
  }
  return counts;
}

/** Keys in `mqtt.messages` that have something. */
const left = (of: MemoryLog) => {
  const latest = new Map(of.records.filter(({ topic }) => topic === topics.mqttMessages).map(({ key, value }) => [key, value]));
  return [...latest].filter(([, value]) => value !== null).map(([key]) => key);
};

test('a message for more sessions than a record has room for is acknowledged, has its body on record once, and reaches all of them, here and in the next life', async () => {
  const before = world.log.records.length;
  const publisher = world.plug();
  await publisher.send(connect('p'), publish(1, 'to all'));
  await settled();
  expect(publisher.heard()).toMatchObject([{ type: 'connack' }, { type: 'puback', packetId: 1, reasonCode: 0 }]);
  const written = ofMessages(before);
  expect(written.map(({ value }) => String(value))).toEqual(['', '', 'to all']);
  const next = await world.nextLife();
  expect(await delivered(next)).toEqual({ 'to all': CLIENTS.length });
  expect(await delivered(world.broker)).toEqual({ 'to all': CLIENTS.length });
  expect(left(world.log)).toEqual([]);
});

test('of a message that the process was killed over, all get it or none, wherever the log was cut, and nothing stays behind', async () => {
  const before = world.log.records.length;
  const publisher = world.plug();
  await publisher.send(connect('p'), publish(1, 'to all'));
  await settled();
  const received = world.log.records.findIndex(({ value }) => String(value) === 'to all');
  for await (const { cut, rest, next } of world.nextLivesSince(before)) {
    expect([cut, await delivered(next)]).toEqual([cut, { [cut > received ? 'to all' : '']: CLIENTS.length }]);
    expect([cut, left(rest)]).toEqual([cut, []]);
  }
});

test('what one part of the receivers cannot be stored of is refused whole, and leaves nothing behind', async () => {
  let parts = 0;
  world.log.refuses = ({ topic, headers }) => topic === topics.mqttMessages && headers?.receivers !== undefined && ++parts === 2;
  const publisher = world.plug();
  await publisher.send(connect('p'), publish(1, 'to all'));
  await settled();
  expect(publisher.heard()).toMatchObject([{ type: 'connack' }, { type: 'puback', packetId: 1, reasonCode: 0x83 }]);
  expect(left(world.log)).toEqual([]);
  expect(await delivered(world.broker)).toEqual({ '': CLIENTS.length });
});

test('receivers that change while the message is recorded have the parts of the last round, and those of earlier ones go', async () => {
  world.log.pause();
  const publisher = world.plug();
  const late = world.plug();
  world.log.resume();
  await publisher.send(connect('p'));
  await late.send(connect('late'));
  world.log.pause();
  await publisher.send(publish(1, 'to all'));
  await late.send(subscribe('t'));
  world.log.resume();
  await settled();
  expect(publisher.heard()).toMatchObject([{ type: 'connack' }, { type: 'puback', packetId: 1, reasonCode: 0 }]);
  expect(texts(late)).toEqual(['to all']);
  expect(left(world.log)).toHaveLength(3);
  const next = await world.nextLife();
  expect(await delivered(next)).toEqual({ 'to all': CLIENTS.length });
});
