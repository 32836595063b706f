import { type Topic, topics } from '@milepost/contracts';
import type { RecordToAppend } from '@milepost/kafka';
import { describe, expect, test } from 'vitest';
import { connect, connected, pass, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { logUpTo, withhold } from '../log/log.fixture.js';

const world = brokerWorld({}, 'intervals and timeouts');

/** Longer than any pause between two attempts. */
const NEXT_ATTEMPT_SECONDS = 6;
/** Longer than a will of a connection that a crash ended waits for its client. */
const DEFERRED_SECONDS = 151;

const will = { topic: 't', payload: Buffer.from('gone'), qos: 1 as const, retain: false, properties: {} };

const isPublicationIn =
  (...names: Topic[]) =>
  ({ topic, value }: RecordToAppend) =>
    names.includes(topic as Topic) && String(value) === 'gone';

/** What is on record of the client's will. */
const onRecord = () => world.log.records.findLast(({ key }) => key === 'will:guest/default/c')?.value ?? null;

/** A client, whose messages are bridged, is lost. */
async function lost(isBridged: boolean, retain = false) {
  const client = isBridged ? world.broker.plugBridged(true) : world.plug();
  await client.send(connect('c', { will: { ...will, retain } }));
  expect(onRecord()).not.toBeNull();
  client.socket.destroy();
  await settled();
}

describe('a will that the log will never take', () => {
  test.each([
    ['where it is bridged to', true, false, topics.location],
    ['as a message between clients', false, false, topics.mqttMessages],
    ['as what its topic retains', false, true, topics.mqttRetained],
    ['as what its topic retains, though it is bridged', true, true, topics.mqttRetained],
  ] as const)('(%s) is given up and counted: no later start tries it again', async (_where, isBridged, retain, refusing) => {
    world.log.refuses = isPublicationIn(refusing);
    await lost(isBridged, retain);
    expect(await world.read('wills_given_up_total')).toBe(1);
    expect(onRecord()).toBeNull();
    world.log.refuses = undefined;
    const next = await world.nextLife();
    const watcher = await connected(next, 'w');
    await watcher.send(subscribe('t'));
    await pass(DEFERRED_SECONDS);
    expect(texts(watcher)).toEqual([]);
  });

  test('is given up and counted by the broker that finds it published, but not retained yet', async () => {
    await lost(false, true);
    world.log = logUpTo(world.log, world.log.records.findIndex(isPublicationIn(topics.mqttMessages)) + 1);
    expect(onRecord()).not.toBeNull();
    world.log.refuses = isPublicationIn(topics.mqttRetained);
    await world.restart();
    await settled();
    expect(onRecord()).toBeNull();
    expect(await world.read('wills_given_up_total')).toBe(1);
  });

  test('does not keep the next one of its client from being published', async () => {
    world.log.refuses = isPublicationIn(topics.mqttMessages);
    await lost(false);
    world.log.refuses = undefined;
    const watcher = await connected(world, 'w');
    await watcher.send(subscribe('t'));
    const again = await connected(world, 'c', { will: { ...will, payload: Buffer.from('gone again') } });
    again.socket.destroy();
    await settled();
    expect(texts(watcher)).toEqual(['gone again']);
  });
});

test('a will for which there is only no room is kept, and not counted as given up', async () => {
  withhold(world.log, isPublicationIn(topics.location));
  await lost(true);
  await pass(600);
  expect(await world.read('wills_given_up_total')).toBe(0);
  expect(onRecord()).not.toBeNull();
});

test('a bridged will whose message the log will never take is on record until its topic retains it', async () => {
  world.log.refuses = isPublicationIn(topics.mqttMessages);
  const letGo = withhold(world.log, isPublicationIn(topics.mqttRetained));
  await lost(true, true);
  await pass(60);
  expect(onRecord()).not.toBeNull();
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(onRecord()).toBeNull();
  expect(await world.read('wills_given_up_total')).toBe(0);
  const late = await connected(await world.nextLife(), 'late');
  await late.send(subscribe('t'));
  expect(texts(late)).toEqual(['gone']);
});
