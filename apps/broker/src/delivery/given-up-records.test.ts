import { topics } from '@milepost/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack } from '../log/log.fixture.js';
import { MemoryLog } from '../log/memory-log.js';
import { type BrokerLife, connect, life, publish, subscribe } from '../sessions/broker-life.fixture.js';

let log: MemoryLog;
let broker: BrokerLife;

beforeEach(async () => {
  log = new MemoryLog();
  broker = await life(log, 1);
});

afterEach(() => broker.close());

/** Keys of `mqtt.messages` that have something: their room is taken until it is gone. */
const onRecord = () => {
  const keys = new Set<string | null>();
  for (const { topic, key, value } of log.records) {
    if (topic !== topics.mqttMessages) continue;
    if (value === null) keys.delete(key);
    else keys.add(key);
  }
  return keys.size;
};

test('a bridged message whose receivers went while it was recorded leaves nothing on record', async () => {
  const reader = broker.plug();
  await reader.send(connect('r'), subscribe('#'));
  reader.socket.destroy();
  const vehicle = broker.plugBridged();
  await vehicle.send(connect('v'));
  const letGo = holdBack(log, ({ topic }) => topic === topics.mqttMessages);
  await vehicle.send(publish(1, 'x'));
  await broker.plug().send(connect('r', { cleanStart: true }));
  letGo();
  await settled();
  expect(vehicle.heard()).toContainEqual(expect.objectContaining({ type: 'puback', reasonCode: 0 }));
  expect(log.records.some(({ topic }) => topic === topics.mqttMessages)).toBe(true);
  expect(onRecord()).toBe(0);
});

test.each([1, 2] as const)(
  'a message of QoS %i that could not be retained leaves nothing on record: its client sends it again',
  async (qos) => {
    const [reader, publisher] = [broker.plug(), broker.plug()];
    await reader.send(connect('r'), subscribe('#'));
    await publisher.send(connect('p'));
    log.refuses = ({ topic }) => topic === topics.mqttRetained;
    await publisher.send(publish(1, 'x', { qos, retain: true }));
    await settled();
    expect(publisher.socket.ended).toBe(true);
    expect(log.records.some(({ topic }) => topic === topics.mqttMessages)).toBe(true);
    expect(onRecord()).toBe(0);
  },
);
