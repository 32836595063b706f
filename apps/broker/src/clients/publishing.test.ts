import { receiptProperty } from '@milepost/contracts';
import type { AppendOutcome, RecordsToAppend, RunReceiver } from '@milepost/kafka';
import { ReasonCode } from '@milepost/mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BrokerLife, connect, life, publish, subscribe, texts } from '../broker-life.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { MemoryLog } from '../log/memory-log.js';

let log: MemoryLog;
let broker: BrokerLife;
/** What was put together, by payloads. */
let put: string[][];

beforeEach(async () => {
  log = new MemoryLog();
  put = [];
  const putAll = log.putAll.bind(log);
  log.putAll = (records, receiver) => {
    put.push(records.values.map(String));
    putAll(records, receiver);
  };
  broker = await life(log, 1);
});

afterEach(() => broker.close());

const receipts = { sessionExpiryInterval: 600, userProperties: [[receiptProperty, '1']] as const };

/** The log answers as it is told, of what is put together. */
function answering(answer: (receiver: RunReceiver, records: RecordsToAppend) => void): void {
  log.putAll = (records, receiver) => queueMicrotask(() => answer(receiver, records));
}

const stored = (offset: bigint): AppendOutcome => ({ kind: 'stored', partition: 3, offset, timestampMs: 0 });

async function vehicle(properties: object = receipts) {
  const client = broker.plugBridged(true);
  await client.send(connect('truck-1', { properties }));
  client.heard();
  const acks = () =>
    client.heard().map((packet) => {
      if (typeof packet === 'string' || packet.type !== 'puback') return typeof packet === 'string' ? packet : packet.type;
      return [packet.packetId, packet.reasonCode, packet.properties.userProperties?.[0]?.[1]];
    });
  return { client, acks };
}

describe('publishes of one read', () => {
  test('go to the log together where they are plain and of one topic, and are acknowledged each', async () => {
    const { client, acks } = await vehicle({});
    await client.send(publish(1, 'a'), publish(2, 'b'), publish(3, 'c', { topic: 'u' }));
    await client.send(publish(4, 'd'));
    expect(put).toEqual([['a', 'b'], ['c'], ['d']]);
    expect(acks()).toEqual([1, 2, 3, 4].map((id) => [id, 0, undefined]));
  });

  test('go together where their topic comes as an alias too, beside those that write it out', async () => {
    const { client, acks } = await vehicle({});
    const aliased = (packetId: number, payload: string, topic: string, topicAlias: number) =>
      publish(packetId, payload, { topic, properties: { topicAlias } });
    await client.send(
      ...[aliased(1, 'a', 't', 1), aliased(2, 'b', '', 1), publish(3, 'c'), aliased(4, 'd', '', 1)],
      ...[aliased(5, 'e', 'u', 2), aliased(6, 'f', '', 2), aliased(7, 'g', '', 1)],
    );
    expect(put).toEqual([['a', 'b', 'c', 'd'], ['e', 'f'], ['g']]);
    expect(acks()).toEqual([1, 2, 3, 4, 5, 6, 7].map((id) => [id, 0, undefined]));
  });

  test('keep their order in the log, whatever is among them', async () => {
    const { client } = await vehicle();
    const others = [
      publish(3, 'retained', { retain: true }),
      publish(4, 'QoS 2', { qos: 2 }),
      publish(5, 'typed', { properties: { contentType: 'text/plain' } }),
      publish(0, 'QoS 0', { qos: 0 }),
    ];
    await client.send(
      publish(1, 'a'),
      publish(2, 'b'),
      ...others.flatMap((other, at) => [other, publish(10 + at, `after ${other.packetId}`)]),
    );
    expect(put.flat()).toEqual(['a', 'b', 'retained', 'after 3', 'QoS 2', 'after 4', 'typed', 'after 5', 'QoS 0', 'after 0']);
    expect(put[0]).toEqual(['a', 'b']);
    expect(log.records.find(({ value }) => String(value) === 'typed')?.headers).toMatchObject({ 'content-type': 'text/plain' });
    expect(log.records.find(({ value }) => String(value) === 'after 5')?.headers).not.toHaveProperty('content-type');
  });

  test('are in the log before a subscription of the same read, and before the will', async () => {
    const asked: string[] = [];
    const append = log.append.bind(log);
    log.append = (record, options) => {
      asked.push(record.topic === 'mqtt.sessions' ? 'session' : String(record.value));
      return append(record, options);
    };
    const client = broker.plugBridged();
    const will = { topic: 'w', payload: Buffer.from('will'), qos: 1 as const, retain: false, properties: {} };
    await client.send(connect('truck-1', { will }));
    asked.length = 0;
    await client.send(publish(1, 'a'), publish(2, 'b'), subscribe('s'), publish(3, 'c'), {
      type: 'disconnect',
      reasonCode: ReasonCode.DisconnectWithWillMessage,
      properties: {},
    });
    await settled();
    expect(asked.filter((each) => each !== 'null')).toEqual(expect.arrayContaining(['session', 'will']));
    expect(asked.indexOf('b')).toBeLessThan(asked.indexOf('session'));
    expect(asked.indexOf('c')).toBeLessThan(asked.indexOf('will'));
  });

  test('are on their way before the UNSUBSCRIBE behind them is', async () => {
    const asked: string[] = [];
    const { client } = await vehicle();
    await client.send(subscribe('s'));
    await settled();
    const putAll = log.putAll.bind(log);
    log.putAll = (records, receiver) => {
      asked.push(...records.values.map(String));
      putAll(records, receiver);
    };
    const append = log.append.bind(log);
    log.append = (record, options) => {
      if (record.topic === 'mqtt.sessions') asked.push('session');
      return append(record, options);
    };
    const unsubscribe = { type: 'unsubscribe' as const, packetId: 9, filters: ['s'], properties: {} };
    asked.length = 0;
    await client.send(publish(1, 'a'), publish(2, 'b'), unsubscribe);
    await settled();
    expect(asked.slice(0, 3)).toEqual(['a', 'b', 'session']);
  });

  test('have a receipt of their own each, where the log tells of them at once', async () => {
    const { client, acks } = await vehicle();
    answering((receiver) => {
      receiver.settled(stored(10n), 0, 2);
      receiver.settled(stored(20n), 2, 1);
    });
    await client.send(publish(1, 'a'), publish(2, 'b'), publish(3, 'c'));
    expect(acks()).toEqual([1, 2, 3].map((id) => [id, 0, `fleet.location/3/${[10, 11, 20][id - 1]}`]));
  });

  test('have a code of their own each, where the log refuses one of them', async () => {
    const { client, acks } = await vehicle({});
    answering((receiver) => {
      receiver.settled(stored(0n), 0, 1);
      receiver.settled({ kind: 'refused', code: 'MESSAGE_TOO_LARGE', message: '' }, 1, 1);
      receiver.settled(stored(1n), 2, 1);
    });
    await client.send(publish(1, 'a'), publish(2, 'b'), publish(3, 'c'));
    expect(acks().map((ack) => ack[1])).toEqual([0, ReasonCode.ImplementationSpecificError, 0]);
  });

  test('that the log withholds end the connection, after the acknowledgements before them', async () => {
    const { client, acks } = await vehicle({});
    answering((receiver) => {
      receiver.settled(stored(0n), 0, 1);
      receiver.settled({ kind: 'withheld', code: 'closed', message: '' }, 1, 2);
    });
    await client.send(publish(1, 'a'), publish(2, 'b'), publish(3, 'c'));
    expect(acks()).toEqual([[1, 0, undefined], 'disconnect']);
  });

  test('reach a subscriber each, in their order, where the log tells of them at once', async () => {
    const subscriber = broker.plug();
    await subscriber.send(connect('s', { cleanStart: true, properties: {} }), subscribe('t'));
    subscriber.heard();
    const { client, acks } = await vehicle({});
    answering((receiver, { values }) => receiver.settled(stored(0n), 0, values.length));
    await client.send(publish(1, 'a'), publish(2, 'b'), publish(3, 'c'));
    await settled();
    expect(texts(subscriber)).toEqual(['a', 'b', 'c']);
    expect(acks()).toEqual([1, 2, 3].map((id) => [id, 0, undefined]));
  });

  test('count against the process until the last of them has its outcome', async () => {
    const { client } = await vehicle({});
    const told: RunReceiver[] = [];
    answering((receiver) => void told.push(receiver));
    await client.send(publish(1, 'a'), publish(2, 'b'));
    expect(broker.budget.usedBytes).toBeGreaterThan(512);
    told[0]?.settled(stored(0n), 0, 1);
    expect(broker.budget.usedBytes).toBeGreaterThan(0);
    told[0]?.settled(stored(1n), 1, 1);
    expect(broker.budget.usedBytes).toBe(0);
  });
});
