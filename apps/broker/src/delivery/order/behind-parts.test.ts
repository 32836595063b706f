import { mqttHeaders, topics } from '@milepost/contracts';
import type { RecordToAppend } from '@milepost/kafka';
import { beforeEach, describe, expect, test } from 'vitest';
import { connect, connected, pass, publish, subscribe, texts } from '../../broker-life.fixture.js';
import { brokerWorld } from '../../broker-world.fixture.js';
import { type FakeClient, settled } from '../../connections/fake-socket.fixture.js';
import { holdBack, withhold } from '../../log/log.fixture.js';
import { maxRecordBytes } from '../../records/record-room.js';

const world = brokerWorld({}, 'intervals and timeouts');

/** Longer than any pause between two attempts. */
const NEXT_ATTEMPT_SECONDS = 6;

/** Long names: these receivers have room beside a small message, and not beside a large one. */
const NAME = 'r'.repeat(30_000);
const READERS = Array.from({ length: Math.floor(maxRecordBytes / NAME.length) - 5 }, (_, index) => `${NAME}${index}`);
const LARGE = 'x'.repeat(250_000);

const isPart = ({ headers }: RecordToAppend) => headers?.[mqttHeaders.receivers] !== undefined;
const isRecordOf = (text: string) => (record: RecordToAppend) => record.topic === topics.mqttMessages && String(record.value) === text;
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

test('nor ahead of one that came while its client waited for room in the log [MQTT-4.6.0-5]', async () => {
  const publisher = world.broker.plugBridged();
  await publisher.send(connect('p'));
  const letGo = holdBack(world.log, isPart);
  const makeRoom = withhold(world.log, isRecordOf('first'));
  await publisher.send(publish(1, 'first', { qos: 2 }));
  await publisher.send(publish(2, LARGE, { qos: 2 }));
  await publisher.send(publish(3, 'third', { qos: 2 }));
  await settled();
  makeRoom();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(bodies()).toEqual(['first']);
  letGo();
  await settled();
  expect(bodies()).toEqual(['first', LARGE, 'third']);
});

describe('a message that is written again, for who has subscribed meanwhile,', () => {
  /** The first of two is written when so many more have subscribed: it has to be written again. */
  async function withLatecomers(
    second: string,
    isHeld: (record: RecordToAppend) => boolean,
    latecomers: readonly string[],
    meanwhile: (publisher: FakeClient) => Promise<void> = async () => undefined,
  ) {
    const publisher = world.plug();
    await publisher.send(connect('p'));
    const letGo = holdBack(world.log, isHeld);
    const letFirstGo = holdBack(world.log, isRecordOf('first'));
    await publisher.send(publish(1, 'first', { qos: 2 }), publish(2, second, { qos: 2 }));
    await meanwhile(publisher);
    const late = await Promise.all(latecomers.map((clientId) => connected(world, clientId)));
    for (const each of late) await each.send(subscribe('t'));
    for (const each of late) each.heard();
    letFirstGo();
    await settled();
    return { publisher, late, letGo };
  }

  test('does not wait for the receivers of a later one: everybody else would wait with it', async () => {
    const { late, letGo } = await withLatecomers(LARGE, isPart, ['late']);
    expect(late.map(texts)).toEqual([['first']]);
    letGo();
    await settled();
    expect(late.map(texts)).toEqual([[LARGE]]);
  });

  test('nor for a later one that waits for room in the log', async () => {
    const publisher = world.broker.plugBridged();
    await publisher.send(connect('p'));
    const makeRoom = withhold(world.log, isRecordOf('second'));
    const letGo = holdBack(world.log, isRecordOf('first'));
    await publisher.send(publish(1, 'first', { qos: 2 }), publish(2, 'second', { qos: 2 }));
    const late = await connected(world, 'late');
    await late.send(subscribe('t'));
    late.heard();
    letGo();
    await settled();
    expect(texts(late)).toEqual(['first']);
    makeRoom();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(texts(late)).toEqual(['second']);
  });

  test('is ahead of what its client sends then, also where its receivers are written first', async () => {
    const latecomers = Array.from({ length: 20 }, (_, index) => `${NAME}late${index}`);
    const { publisher, late, letGo } = await withLatecomers('second', isPart, latecomers);
    const before = bodies().length;
    await publisher.send(publish(3, 'third', { qos: 2 }));
    await settled();
    expect(bodies().slice(before)).toEqual([]);
    letGo();
    await settled();
    expect(bodies()[before]).toBe('first');
    expect(late.map(texts)).toEqual(latecomers.map(() => ['first', 'second', 'third']));
  });

  test('puts nothing that waits for a later one behind what its client sends then [MQTT-4.6.0-5]', async () => {
    let isAgain = false;
    const letGo = holdBack(world.log, (record) => isPart(record) && !isAgain);
    const latecomers = Array.from({ length: 20 }, (_, index) => `${NAME}late${index}`);
    const { publisher, letGo: letAgainGo } = await withLatecomers(
      LARGE,
      (record) => isPart(record) && isAgain,
      latecomers,
      async (sender) => {
        await sender.send(publish(3, 'third', { qos: 2 }));
        isAgain = true;
      },
    );
    await publisher.send(publish(4, 'fourth', { qos: 2 }));
    letGo();
    await settled();
    expect(bodies()).toEqual(['first', LARGE]);
    letAgainGo();
    await settled();
    const behind = bodies().filter((body) => body === 'third' || body === 'fourth');
    expect(behind.slice(0, 2)).toEqual(['third', 'fourth']);
  });
});
