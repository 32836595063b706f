import { topics } from '@milepost/contracts';
import type { RecordToAppend } from '@milepost/kafka';
import { describe, expect, test } from 'vitest';
import { connect, connected, pass, publish, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack, withhold } from '../log/log.fixture.js';

const world = brokerWorld({}, 'intervals and timeouts');

/** Longer than any pause between two attempts. */
const NEXT_ATTEMPT_SECONDS = 6;

const isRecordOf = (text: string) => (record: RecordToAppend) =>
  record.topic === topics.mqttMessages && record.value !== null && String(record.value) === text;

async function reader() {
  const client = await connected(world, 'r');
  await client.send(subscribe('t'));
  return client;
}

describe.each([1, 2] as const)('what comes behind a message of QoS %i that there is no room for', (qos) => {
  test('is given up with it: its client sends both again, and they keep their order [MQTT-4.6.0-5, v3 MQTT-4.6.0-6]', async () => {
    const there = await reader();
    const publisher = await connected(world, 'p');
    // As long as this one is on its way the client is not told of the next.
    const letGo = holdBack(world.log, isRecordOf('first'));
    const makeRoom = withhold(world.log, isRecordOf('second'));
    await publisher.send(publish(1, 'first', { qos }), publish(2, 'second', { qos }));
    await publisher.send(publish(3, 'third', { qos }));
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(publisher.socket.ended).toBe(true);
    expect(texts(there)).toEqual(['first']);
    makeRoom();
    const back = await connected(world, 'p');
    await back.send(publish(2, 'second', { qos, dup: true }), publish(3, 'third', { qos, dup: true }));
    await settled();
    expect(texts(there)).toEqual(['second', 'third']);
    expect(back.heard().slice(1)).toMatchObject([2, 3].map((packetId) => ({ packetId, reasonCode: 0 })));
  });
});

describe('a message of QoS 2 that has its place in the log waits until there is room', () => {
  test.each([
    ['for its record, where it is bridged', topics.mqttMessages, true, false],
    ['for what its topic is to retain, where it is bridged', topics.mqttRetained, true, true],
    ['for what its topic is to retain', topics.mqttRetained, false, true],
  ] as const)('%s, and is there once', async (_what, full, isBridged, retain) => {
    const there = await reader();
    const publisher = isBridged ? world.broker.plugBridged(true) : world.plug();
    await publisher.send(connect('p'));
    publisher.heard();
    const makeRoom = withhold(world.log, ({ topic, value }) => topic === full && value !== null);
    const before = world.log.records.length;
    await publisher.send(publish(1, 'x', { qos: 2, retain }), publish(2, 'y', { qos: 2 }));
    await pass(60);
    expect([publisher.socket.ended, publisher.heard(), texts(there)]).toEqual([false, [], []]);
    makeRoom();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(publisher.heard()).toMatchObject([1, 2].map((packetId) => ({ type: 'pubrec', packetId, reasonCode: 0 })));
    expect(texts(there)).toEqual(['x', 'y']);
    const first = isBridged ? topics.location : topics.mqttMessages;
    const stored = world.log.records.slice(before).filter(({ topic, value }) => topic === first && value !== null);
    expect(stored.map(({ value }) => String(value))).toEqual(['x', 'y']);
  });

  test('and what its client sends behind it is not on record before, be the process killed', async () => {
    await reader();
    const vehicle = world.broker.plugBridged(true);
    await vehicle.send(connect('p'));
    withhold(world.log, isRecordOf('x'));
    await vehicle.send(publish(1, 'x', { qos: 2 }));
    await vehicle.send(publish(2, 'y', { qos: 2 }));
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(world.log.records.filter(isRecordOf('y'))).toEqual([]);
  });

  test('and no longer: what comes behind it is written at once then, whatever is on its way', async () => {
    const there = await reader();
    const vehicle = world.broker.plugBridged(true);
    await vehicle.send(connect('p'));
    const makeRoom = withhold(world.log, ({ topic, value }) => topic === topics.mqttMessages && value !== null);
    await vehicle.send(publish(1, 'x', { qos: 2 }), publish(2, 'y', { qos: 2 }), publish(3, 'z', { qos: 2 }));
    makeRoom();
    const letGo = holdBack(world.log, isRecordOf('y'));
    await pass(NEXT_ATTEMPT_SECONDS);
    await vehicle.send(publish(4, 'later', { qos: 2 }));
    expect(['z', 'later'].map((text) => world.log.records.filter(isRecordOf(text)).length)).toEqual([1, 1]);
    expect(texts(there)).toEqual(['x']);
    letGo();
    await settled();
    expect(texts(there)).toEqual(['y', 'z', 'later']);
  });
});
