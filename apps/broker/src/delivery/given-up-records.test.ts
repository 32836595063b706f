import { topics } from '@milepost/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { connect, publish, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack } from '../log/log.fixture.js';

const world = brokerWorld();

/** Keys of `mqtt.messages` that have something: their room is taken until it is gone. */
const onRecord = () => {
  const keys = new Set<string | null>();
  for (const { topic, key, value } of world.log.records) {
    if (topic !== topics.mqttMessages) continue;
    if (value === null) keys.delete(key);
    else keys.add(key);
  }
  return keys.size;
};

test('a bridged message whose receivers went while it was recorded leaves nothing on record', async () => {
  const reader = world.plug();
  await reader.send(connect('r'), subscribe('#'));
  reader.socket.destroy();
  const vehicle = world.broker.plugBridged();
  await vehicle.send(connect('v'));
  const letGo = holdBack(world.log, ({ topic }) => topic === topics.mqttMessages);
  await vehicle.send(publish(1, 'x'));
  await world.plug().send(connect('r', { cleanStart: true }));
  letGo();
  await settled();
  expect(vehicle.heard()).toContainEqual(expect.objectContaining({ type: 'puback', reasonCode: 0 }));
  expect(world.log.records.some(({ topic }) => topic === topics.mqttMessages)).toBe(true);
  expect(onRecord()).toBe(0);
});

describe.each([1, 2] as const)('a message of QoS %i that could not be retained leaves nothing on record:', (qos) => {
  async function published() {
    const [reader, publisher] = [world.plug(), world.plug()];
    await reader.send(connect('r'), subscribe('#'));
    await publisher.send(connect('p'), publish(1, 'x', { qos, retain: true }));
    await settled();
    expect(world.log.records.some(({ topic }) => topic === topics.mqttMessages)).toBe(true);
    expect(onRecord()).toBe(0);
    return publisher;
  }

  test('it is refused when the log will never take it', async () => {
    world.log.refuses = ({ topic }) => topic === topics.mqttRetained;
    const publisher = await published();
    expect(publisher.heard().at(-1)).toMatchObject({ type: qos === 1 ? 'puback' : 'pubrec', packetId: 1, reasonCode: 0x83 });
    expect(publisher.socket.ended).toBe(false);
  });
});

describe('a message whose record the log will never take', () => {
  beforeEach(() => {
    world.log.refuses = ({ topic, value }) => topic === topics.mqttMessages && value !== null;
  });

  test.each([1, 2] as const)('of QoS %i is refused where that is its only place: sending it again would be of no use', async (qos) => {
    const [reader, publisher] = [world.plug(), world.plug()];
    await reader.send(connect('r'), subscribe('#'));
    await publisher.send(connect('p'), publish(1, 'x', { qos }));
    await settled();
    expect(publisher.heard().at(-1)).toMatchObject({ type: qos === 1 ? 'puback' : 'pubrec', packetId: 1, reasonCode: 0x83 });
    expect(publisher.socket.ended).toBe(false);
    expect(texts(reader)).toEqual([]);
    expect(onRecord()).toBe(0);
  });

  test('is acknowledged where it is bridged, and reaches who is there in its turn; copies for who is away are dropped', async () => {
    const [there, away] = [world.plug(), world.plug()];
    await there.send(connect('r'), subscribe('#'));
    await away.send(connect('a'), subscribe('#'));
    away.socket.destroy();
    const vehicle = world.broker.plugBridged();
    await vehicle.send(connect('v'), publish(1, 'x'), publish(2, 'y', { qos: 2 }));
    await settled();
    expect(vehicle.heard().slice(1)).toMatchObject([
      { type: 'puback', packetId: 1, reasonCode: 0 },
      { type: 'pubrec', packetId: 2, reasonCode: 0 },
    ]);
    expect(texts(there)).toEqual(['x', 'y']);
    const back = world.plug();
    await back.send(connect('a'));
    expect(texts(back)).toEqual([]);
  });
});
