import { mqttHeaders, topics } from '@milepost/contracts';
import type { RecordToAppend } from '@milepost/kafka';
import { beforeEach, expect, test } from 'vitest';
import { connect, publish, subscribe } from '../../broker-life.fixture.js';
import { brokerWorld } from '../../broker-world.fixture.js';
import { settled } from '../../connections/fake-socket.fixture.js';
import { holdBack } from '../../log/log.fixture.js';
import { maxRecordBytes } from '../../records/record-room.js';

const world = brokerWorld();

/** Long names: these receivers have room beside a small message, and not beside a large one. */
const NAME = 'r'.repeat(30_000);
const READERS = Array.from({ length: Math.floor(maxRecordBytes / NAME.length) - 5 }, (_, index) => `${NAME}${index}`);
const LARGE = 'x'.repeat(250_000);

const isPart = ({ headers }: RecordToAppend) => headers?.[mqttHeaders.receivers] !== undefined;
const bodies = () =>
  world.log.records.flatMap(({ topic, value }) => (topic === topics.mqttMessages && value?.length ? [String(value)] : []));

beforeEach(async () => {
  for (const clientId of READERS) await world.plug().send(connect(clientId), subscribe('t'));
});

test.each([
  ['a message', false],
  ['a bridged message', true],
])('nothing is on record ahead of %s whose receivers are written first [MQTT-4.6.0-5]', async (_what, isBridged) => {
  const publisher = isBridged ? world.broker.plugBridged() : world.plug();
  await publisher.send(connect('p'));
  const letGo = holdBack(world.log, isPart);
  await publisher.send(publish(1, LARGE, { qos: 2 }), publish(2, 'second', { qos: 2 }));
  await publisher.send(publish(3, 'third', { qos: 2 }));
  await settled();
  expect(bodies()).toEqual([]);
  letGo();
  await settled();
  expect(bodies()).toEqual([LARGE, 'second', 'third']);
});
