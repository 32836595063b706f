import { topicPolicies, topics } from '@milepost/contracts';
import { encodedBytes } from '@milepost/kafka';
import type { Will } from '@milepost/mqtt';
import { beforeEach, expect, test } from 'vitest';
import { connect, publish, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { configSchema } from '../config.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { SessionKeeper } from '../sessions/session-keeper.js';
import { StateWriter } from '../state/state-writer.js';
import { MessageRecord } from './message-record.js';
import { MessageRecords } from './message-records.js';

const KIB = 1024;
/** Kafka's limit of a batch, without what is around a record in it. */
const KAFKA_BYTES = Math.min(...topicPolicies.map(({ maxMessageBytes }) => maxMessageBytes)) - 100;

const world = brokerWorld();

beforeEach(() => {
  // As Kafka does.
  world.log.refuses = (record) => encodedBytes(record) > KAFKA_BYTES;
});

/** User properties of so many characters that take six bytes each in JSON. */
const properties = (characters: number) => {
  const userProperties: [string, string][] = [];
  for (let left = characters; left > 0; left -= 60_000) userProperties.push(['p', '\u0001'.repeat(Math.min(left, 60_000))]);
  return { userProperties };
};
const will = (characters: number): Will => ({
  topic: 'w',
  payload: Buffer.from('gone'),
  qos: 1,
  retain: true,
  properties: properties(characters),
});
/** What a variable may be at most. */
const mostOf = (schema: object) => ('maximum' in schema ? Number(schema.maximum) : Number.NaN);

test('a will that no record can hold is refused at CONNECT for good, and counted; the session before is not touched', async () => {
  const before = world.plug();
  await before.send(connect('c'));
  before.heard();
  const written = world.log.records.length;
  const client = world.plug();
  await client.send(connect('c', { will: will(190_000) }));
  expect(client.heard()).toMatchObject([{ type: 'connack', reasonCode: 0x83 }]);
  expect([before.heard(), world.log.records.length - written, await world.reached('record_bytes')]).toEqual([[], 0, 1]);
});

test('a will that just fits is taken, published, and retained', async () => {
  const client = world.plug();
  await client.send(connect('c', { will: will(175_000) }));
  expect(client.heard()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
  client.socket.destroy();
  await settled();
  const late = world.plug();
  await late.send(connect('late'), subscribe('w'));
  expect(texts(late)).toEqual(['gone']);
  expect(world.log.records.some(({ topic, value }) => topic === topics.mqttRetained && value !== null)).toBe(true);
});

test('a retained message that no record can hold is refused for good, and counted, and its connection and what was retained before stay', async () => {
  const client = world.plug();
  await client.send(connect('c'), publish(1, 'before', { retain: true }));
  client.heard();
  await client.send(publish(2, 'x', { retain: true, properties: properties(190_000) }), publish(3, 'after', { topic: 'other' }));
  expect(client.heard()).toMatchObject([
    { type: 'puback', packetId: 2, reasonCode: 0x83 },
    { type: 'puback', packetId: 3, reasonCode: 0 },
  ]);
  expect(await world.reached('record_bytes')).toBe(1);
  const late = world.plug();
  await late.send(connect('late'), subscribe('t'));
  expect(texts(late)).toEqual(['before']);
});

test('a bridged message that Kafka refuses to retain is refused for good: its client is not sent away to come again with it', async () => {
  world.log.refuses = ({ topic }) => topic === topics.mqttRetained;
  const client = world.broker.plugBridged(true);
  await client.send(connect('v'), publish(1, 'x', { retain: true }));
  expect(client.heard()).toMatchObject([{ type: 'connack' }, { type: 'puback', packetId: 1, reasonCode: 0x83 }]);
});

test('large wills and messages of characters that take one byte are taken', async () => {
  const plain = world.plug();
  const userProperties: [string, string][] = Array.from({ length: 6 }, () => ['p', 'x'.repeat(60 * KIB)]);
  await plain.send(connect('c', { will: { ...will(0), properties: { userProperties } } }));
  await plain.send(publish(1, 'x', { retain: true, properties: { userProperties } }));
  expect(plain.heard()).toMatchObject([
    { type: 'connack', reasonCode: 0 },
    { type: 'puback', reasonCode: 0 },
  ]);
});

test('the identifiers of a client that releases none fit into the record of its session, however many it may have in flight', async () => {
  const most = mostOf(configSchema.properties.MQTT_RECEIVE_MAXIMUM);
  const client = 'c'.repeat(mostOf(configSchema.properties.MQTT_MAX_CLIENT_ID_BYTES));
  const owner = { key: `operator/acme/anna/${client}`, organisation: 'acme', clientId: client };
  const stamp = { node: 'n'.repeat(200), epoch: Date.now(), counter: Number.MAX_SAFE_INTEGER };
  const writer = new StateWriter({ log: world.log, ...stamp, partitions: 1 });
  const keeper = new SessionKeeper(owner, stamp, writer, new MessageRecords(writer));
  const received = Array.from({ length: most }, (_, index) => 65_535 - index);
  for (const packetId of received) keeper.arrived(packetId, new MessageRecord(stamp, owner.key));
  keeper.inbound({ received, arriving: [] });
  await settled();
  const record = world.log.records.at(-1);
  expect(record?.key).toBe(`inbound:${owner.key}`);
  expect(String(record?.value).match(/9007199254740991/g)).toHaveLength(most);
});
