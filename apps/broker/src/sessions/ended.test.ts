import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { topics } from '@milepost/contracts';
import type { Connect } from '@milepost/mqtt';
import { describe, expect, test } from 'vitest';
import { connected, pass, publish, SHARED, sharedMembers, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { withhold } from '../log/log.fixture.js';

const world = brokerWorld({}, 'intervals and timeouts');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const CLAIM = 'session:guest/default/s';
/** Longer than any pause between two attempts. */
const NEXT_ATTEMPT_SECONDS = 6;

/** Session `s` has ended with a message in its queue, while the log had no room for its claim's removal. @returns what makes room. */
async function endedWithoutRoom(): Promise<() => void> {
  const client = await connected(world, 's');
  await client.send(subscribe('t'));
  await (await connected(world, 'p')).send(publish(1, 'one'));
  const letGo = withhold(world.log, ({ key, value }) => key === CLAIM && value === null);
  await client.send({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
  await settled();
  return letGo;
}

/** A new session `s` waits for the claim of the one before to be gone, begins on record then, and is found there. */
async function beginsAfter(letGo: () => void): Promise<void> {
  const again = await connected(world, 's');
  await pass(20);
  expect(again.heard()).toEqual([]);
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(again.heard()).toMatchObject([{ type: 'connack', sessionPresent: false }]);
  await pass(60);
  const next = await connected(await world.nextLife(), 's');
  expect(next.heard()).toMatchObject([{ type: 'connack', sessionPresent: true }]);
}

test('a session whose claim the log has no room to remove is on record with all that it had, until the log has', async () => {
  const letGo = await endedWithoutRoom();
  await pass(60);
  const found = await connected(await world.nextLife(), 's');
  expect(found.heard()).toMatchObject([
    { type: 'connack', sessionPresent: true },
    { payload: Buffer.from('one'), dup: true },
  ]);
  expect(await world.read('sessions_ending')).toBe(1);
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  const next = await connected(await world.nextLife(), 's');
  expect(next.heard()).toMatchObject([{ type: 'connack', sessionPresent: false }]);
  expect(world.log.records.at(-1)).toMatchObject({ topic: 'mqtt.messages', value: null });
  expect(await world.read('sessions_ending')).toBe(0);
});

test('the next session of its client begins on record when the claim before is gone, and is not removed for it', async () => {
  const letGo = await endedWithoutRoom();
  await beginsAfter(letGo);
});

test('a session that is not kept begins at once beside it, and the claim before is removed all the same', async () => {
  const letGo = await endedWithoutRoom();
  const again = await connected(world, 's', { properties: {} });
  expect(again.heard()).toMatchObject([{ type: 'connack', sessionPresent: false }]);
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  const next = world.log.records.findLast(({ key }) => key === CLAIM);
  expect(next).toMatchObject({ value: null });
  expect(texts(again)).toEqual([]);
});

test('a session that is not kept, and leaves shared messages at its own end, does not hide that the claim before is still there', async () => {
  await sharedMembers(world, 'heir');
  const letGo = await endedWithoutRoom();
  const between = await connected(world, 's', { properties: {} });
  await between.send(subscribe(SHARED));
  const publisher = await connected(world, 'p');
  await publisher.send(publish(2, 'two'), publish(3, 'three'));
  expect(texts(between)).toHaveLength(1);
  await between.send({ type: 'disconnect', reasonCode: 0, properties: {} });
  await pass(1);
  await beginsAfter(letGo);
});

test('a shared message whose next record the log has no room for stays on record with its session, and goes to another when there is room', async () => {
  const [a, b] = await sharedMembers(world, 'a', 'b');
  await (await connected(world, 'p')).send(publish(1, 'one'));
  expect(texts(a)).toEqual(['one']);
  const letGo = withhold(world.log, ({ topic, value }) => topic === topics.mqttMessages && value !== null);
  await a.send({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
  await pass(60);
  expect(texts(b)).toEqual([]);
  const found = await connected(await world.nextLife(), 'a');
  expect(found.heard()).toMatchObject([{ type: 'connack', sessionPresent: true }, { payload: Buffer.from('one') }]);
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(texts(b)).toEqual(['one']);
  await pass(60);
  expect(texts(b)).toEqual([]);
  expect(await world.read('sessions_ending')).toBe(0);
});

test('a shared message that waits for room goes to whoever is a member by then', async () => {
  const [a, b, c] = await sharedMembers(world, 'a', 'b', 'c');
  await (await connected(world, 'p')).send(publish(1, 'one'));
  expect(texts(a)).toEqual(['one']);
  const letGo = withhold(world.log, ({ topic, value }) => topic === topics.mqttMessages && value !== null);
  for (const client of [a, b]) await client.send({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
  await settled();
  letGo();
  const before = world.log.records.length;
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(texts(c)).toEqual(['one']);
  const recorded = world.log.records.slice(before).flatMap(({ headers }) => headers?.message ?? []);
  expect(recorded.map((header) => (JSON.parse(String(header)) as { receivers: unknown }).receivers)).toMatchObject([
    [{ client: 'guest/default/c' }],
  ]);
});

/** Client `s` connects, hears nothing and goes, so often. @returns its sockets. */
async function comeAndGo(times: number, more: Partial<Connect> = {}): Promise<WeakRef<object>[]> {
  const connections: WeakRef<object>[] = [];
  for (let time = 0; time < times; time++) {
    const client = await connected(world, 's', more);
    expect(client.heard()).toEqual([]);
    client.socket.destroy();
    connections.push(new WeakRef(client.socket));
    await pass(1);
  }
  return connections;
}

const stillHeld = async (connections: readonly WeakRef<object>[]) => {
  await settled();
  collectGarbage();
  return connections.filter((each) => each.deref() !== undefined).length;
};

describe('a client that comes again and again meanwhile', () => {
  const will = { topic: 'w', payload: Buffer.from('gone'), qos: 1 as const, retain: false, properties: {} };

  test('is held once at the most, and adds nothing to what is to be removed', async () => {
    const letGo = await endedWithoutRoom();
    const connections = await comeAndGo(20);
    expect(world.broker.admission.waitingCount).toBe(0);
    expect(await stillHeld(connections)).toBeLessThan(3);
    const before = world.log.records.length;
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    const claims = world.log.records.slice(before).filter(({ key }) => key === CLAIM);
    expect(claims.map(({ value }) => value)).toEqual([null]);
    expect(await world.read('sessions_ending')).toBe(0);
    const again = await connected(world, 's');
    expect(again.heard()).toMatchObject([{ type: 'connack', sessionPresent: false }]);
  });

  test('is held once at the most behind a will that is to be published as well', async () => {
    const client = await connected(world, 's', { will });
    const letGo = withhold(world.log, ({ topic, value }) => topic === topics.mqttMessages && value !== null);
    client.socket.destroy();
    const connections = await comeAndGo(20, { will });
    expect(await stillHeld(connections)).toBeLessThan(3);
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    const again = await connected(world, 's', { will });
    expect(again.heard()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
  });
});

test('a client that comes again and again while its session cannot be claimed is held once at the most', async () => {
  const client = await connected(world, 's');
  const letGo = withhold(world.log, ({ key }) => key === CLAIM);
  client.socket.destroy();
  const connections = await comeAndGo(20);
  expect(await stillHeld(connections)).toBeLessThan(3);
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  const again = await connected(world, 's');
  expect(again.heard()).toMatchObject([{ type: 'connack', sessionPresent: true }]);
});

test('nothing is tried again once the log is closed', async () => {
  await endedWithoutRoom();
  let attempts = 0;
  world.log.append = () => {
    attempts += 1;
    return Promise.resolve({ kind: 'withheld', code: 'closed', message: 'The test has closed it' });
  };
  await pass(NEXT_ATTEMPT_SECONDS);
  await pass(60);
  expect(attempts).toBe(1);
});
