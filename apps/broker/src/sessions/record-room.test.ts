import { topicPolicies, topics } from '@milepost/contracts';
import { encodedBytes } from '@milepost/kafka';
import type { Will } from '@milepost/mqtt';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configSchema } from '../config.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { MemoryLog } from '../log/memory-log.js';
import { BrokerMetrics } from '../metrics.js';
import { type BrokerLife, connect, life, publish, subscribe, texts } from './broker-life.fixture.js';
import { MessageRecord, MessageRecords } from './message-records.js';
import { SessionKeeper } from './session-keeper.js';
import { StateWriter } from './state-writer.js';

const KIB = 1024;
/** Kafka's limit of a batch, without what is around a record in it. */
const KAFKA_BYTES = Math.min(...topicPolicies.map(({ maxMessageBytes }) => maxMessageBytes)) - 100;

let log: MemoryLog;
let metrics: BrokerMetrics;
let broker: BrokerLife;

beforeEach(async () => {
  log = new MemoryLog();
  // As Kafka does.
  log.refuses = (record) => encodedBytes(record) > KAFKA_BYTES;
  metrics = new BrokerMetrics(new Registry());
  broker = await life(log, 1, undefined, 1, { metrics });
});

afterEach(() => broker.close());

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
const reached = () => metrics.read({ name: 'limits_reached_total', labels: { limit: 'record_bytes' } });

test('a will that no record can hold is refused at CONNECT for good, and counted; the session before is not touched', async () => {
  const before = broker.plug();
  await before.send(connect('c'));
  before.heard();
  const written = log.records.length;
  const client = broker.plug();
  await client.send(connect('c', { will: will(190_000) }));
  expect(client.heard()).toMatchObject([{ type: 'connack', reasonCode: 0x83 }]);
  expect([before.heard(), log.records.length - written, await reached()]).toEqual([[], 0, 1]);
});

test('a will that just fits is taken, published, and retained', async () => {
  const client = broker.plug();
  await client.send(connect('c', { will: will(175_000) }));
  expect(client.heard()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
  client.socket.destroy();
  await settled();
  const late = broker.plug();
  await late.send(connect('late'), subscribe('w'));
  expect(texts(late)).toEqual(['gone']);
  expect(log.records.some(({ topic, value }) => topic === topics.mqttRetained && value !== null)).toBe(true);
});

test('a retained message that no record can hold is refused for good, and counted, and its connection and what was retained before stay', async () => {
  const client = broker.plug();
  await client.send(connect('c'), publish(1, 'before', { retain: true }));
  client.heard();
  await client.send(publish(2, 'x', { retain: true, properties: properties(190_000) }), publish(3, 'after', { topic: 'other' }));
  expect(client.heard()).toMatchObject([
    { type: 'puback', packetId: 2, reasonCode: 0x83 },
    { type: 'puback', packetId: 3, reasonCode: 0 },
  ]);
  expect(await reached()).toBe(1);
  const late = broker.plug();
  await late.send(connect('late'), subscribe('t'));
  expect(texts(late)).toEqual(['before']);
});

test('a bridged message that Kafka refuses to retain is refused for good: its client is not sent away to come again with it', async () => {
  log.refuses = ({ topic }) => topic === topics.mqttRetained;
  const client = broker.plugBridged(true);
  await client.send(connect('v'), publish(1, 'x', { retain: true }));
  expect(client.heard()).toMatchObject([{ type: 'connack' }, { type: 'puback', packetId: 1, reasonCode: 0x83 }]);
});

test('large wills and messages of characters that take one byte are taken', async () => {
  const plain = broker.plug();
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
  const writer = new StateWriter({ log, ...stamp, partitions: 1 });
  const keeper = new SessionKeeper(owner, stamp, writer, new MessageRecords(writer));
  const received = Array.from({ length: most }, (_, index) => 65_535 - index);
  for (const packetId of received) keeper.arrived(packetId, new MessageRecord(stamp, owner.key));
  keeper.inbound({ received, arriving: [] });
  await settled();
  const record = log.records.at(-1);
  expect(record?.key).toBe(`inbound:${owner.key}`);
  expect(String(record?.value).match(/9007199254740991/g)).toHaveLength(most);
});
