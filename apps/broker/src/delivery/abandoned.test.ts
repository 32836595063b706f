import { topics } from '@milepost/contracts';
import type { RecordToAppend } from '@milepost/kafka';
import { beforeEach, expect, test } from 'vitest';
import { connect, connected, pass, publish, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { withhold } from '../log/log.fixture.js';

const world = brokerWorld({}, 'intervals and timeouts');

/** Longer than any pause between two attempts. */
const NEXT_ATTEMPT_SECONDS = 6;
/** Longer than a will of a connection that a crash ended waits for its client. */
const DEFERRED_SECONDS = 151;

const isRetained = ({ topic, value }: RecordToAppend) => topic === topics.mqttRetained && value !== null;
const isRemoval = ({ topic, value }: RecordToAppend) => topic === topics.mqttMessages && value === null;

const READER = connect('r', { properties: { sessionExpiryInterval: 3_600 } });

beforeEach(async () => {
  await world.plug().send(READER, subscribe('t'), { type: 'disconnect', reasonCode: 0, properties: {} });
});

/** A message is on record by the time that the log refuses what its topic is to retain, and there is no room to take it back. */
const untilRemoved = () => {
  world.log.refuses = isRetained;
  return withhold(world.log, isRemoval);
};

test('a QoS 2 message that cannot be retained is refused when it is off the record, and not before: it reaches a session once, whenever the process dies', async () => {
  const message = publish(1, 'x', { qos: 2, retain: true });
  const publisher = await connected(world, 'p');
  publisher.heard();
  const before = world.log.records.length;
  const letGo = untilRemoved();
  await publisher.send(message);
  await pass(60);
  expect(publisher.heard()).toEqual([]);
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(publisher.heard()).toMatchObject([{ type: 'pubrec', packetId: 1, reasonCode: 0x83 }]);
  for await (const { cut, next } of world.nextLivesSince(before)) {
    await (await connected(next, 'p')).send({ ...message, dup: true });
    const reader = next.plug();
    await reader.send(READER);
    expect([cut, texts(reader)]).toEqual([cut, ['x']]);
  }
});

test('what comes behind a QoS 2 message that cannot be retained is handed over when that is off the record: it is lost to nobody who takes the later one', async () => {
  const one = publish(1, 'one', { qos: 2, retain: true });
  const publisher = await connected(world, 'p');
  const before = world.log.records.length;
  const letGo = untilRemoved();
  const there = world.plug();
  await there.send(READER);
  await publisher.send(one, publish(2, 'two'));
  await pass(60);
  expect(texts(there)).toEqual([]);
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(texts(there)).toEqual(['two']);
  for await (const { cut, next } of world.nextLivesSince(before)) {
    await (await connected(next, 'p')).send({ ...one, dup: true });
    const reader = next.plug();
    await reader.send(READER);
    expect([cut, texts(reader).filter((text) => text === 'one')]).toEqual([cut, ['one']]);
  }
});

test('a will that cannot be retained yet reaches a session once, whenever the process dies', async () => {
  const will = { topic: 't', payload: Buffer.from('gone'), qos: 1 as const, retain: true, properties: {} };
  const client = await connected(world, 'c', { will });
  const before = world.log.records.length;
  const letGo = withhold(world.log, (record) => isRetained(record) || isRemoval(record));
  client.socket.destroy();
  await pass(60);
  letGo();
  await pass(2 * NEXT_ATTEMPT_SECONDS);
  for await (const { cut, next } of world.nextLivesSince(before)) {
    const reader = next.plug();
    await reader.send(READER);
    await pass(DEFERRED_SECONDS);
    expect([cut, texts(reader)]).toEqual([cut, ['gone']]);
  }
});
