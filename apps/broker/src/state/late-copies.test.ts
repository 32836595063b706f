import { topics } from '@milepost/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { connect, connected, life, messages, pass, publish, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack, logUpTo } from '../log/log.fixture.js';
import { MemoryLog, type StoredRecord } from '../log/memory-log.js';
import { LatestRecords } from './latest-records.js';

const will = { topic: 'w', payload: Buffer.from('gone'), qos: 1 as const, retain: false, properties: {} };

/** The log as it is when the earliest record of that key is appended once more: its request had timed out, and was carried out late. */
function withLateCopy(log: MemoryLog, key: string): MemoryLog {
  const first = log.records.find((record) => record.key === key && record.value !== null);
  expect(first).toBeDefined();
  const late = new MemoryLog();
  late.records.push(...log.records, first as StoredRecord);
  return late;
}

const lastOf = (log: MemoryLog, key: string) => log.records.filter((record) => record.key === key).at(-1);

test('a late copy behind the end of a session does not bring it back, and its end is written anew', async () => {
  const log = new MemoryLog();
  const client = (await life(log, 1)).plug();
  await client.send(connect('c'), subscribe('t'));
  await client.send({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
  await settled();
  const late = withLateCopy(log, 'session:guest/default/c');
  const back = (await life(late, 2)).plug();
  await settled();
  expect(lastOf(late, 'session:guest/default/c')?.value).toBeNull();
  await back.send(connect('c'));
  expect(back.heard()).toMatchObject([{ type: 'connack', sessionPresent: false }]);
});

test('a late copy of a will behind its removal is not published', async () => {
  const log = new MemoryLog();
  const client = (await life(log, 1)).plug();
  await client.send(connect('c', { will }));
  await client.send({ type: 'disconnect', reasonCode: 0, properties: {} });
  await settled();
  const late = withLateCopy(log, 'will:guest/default/c');
  await life(late, 2);
  await settled();
  expect(lastOf(late, 'will:guest/default/c')?.value).toBeNull();
});

test('a late copy of what a topic retained neither brings it back nor takes the place of what it retains now', async () => {
  const log = new MemoryLog();
  const publisher = (await life(log, 1)).plug();
  await publisher.send(connect('p'));
  await publisher.send(publish(1, 'x', { topic: 'gone', retain: true }), publish(2, '', { topic: 'gone', retain: true }));
  await publisher.send(publish(3, 'old', { topic: 'kept', retain: true }), publish(4, 'new', { topic: 'kept', retain: true }));
  const late = withLateCopy(withLateCopy(log, 'default/gone'), 'default/kept');
  const subscriber = (await life(late, 2)).plug();
  await settled();
  // What compaction will leave.
  expect([lastOf(late, 'default/gone')?.value, String(lastOf(late, 'default/kept')?.value)]).toEqual([null, 'new']);
  await subscriber.send(connect('s'), subscribe('#'));
  expect(messages(subscriber).map(({ topic, payload }) => `${topic} ${payload}`)).toEqual(['kept new']);
});

test('a message that was written again is there for who had subscribed meanwhile, with a session that began since, and a late copy takes it from nobody', async () => {
  const log = new MemoryLog();
  const first = await life(log, 1);
  await (await connected(first, 's')).send(subscribe('t'));
  const publisher = await connected(first, 'p');
  const letGo = holdBack(log, ({ topic, value }) => topic === topics.mqttMessages && value !== null);
  await publisher.send(publish(1, 'x'));
  await (await connected(first, 'late')).send(subscribe('t'));
  letGo();
  await settled();
  const key = log.records.find(({ topic }) => topic === topics.mqttMessages)?.key ?? '';
  expect(log.records.filter((record) => record.key === key)).toHaveLength(2);
  for (const left of [log, withLateCopy(log, key)]) {
    const next = await life(logUpTo(left, left.records.length), 2);
    for (const clientId of ['s', 'late']) expect([clientId, texts(await connected(next, clientId))]).toEqual([clientId, ['x']]);
  }
});

test('the next life is later than any removal, too', async () => {
  const log = new MemoryLog();
  const first = await life(log, 9);
  const client = first.plug();
  await client.send(connect('c'));
  await client.send({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
  await settled();
  // A clock that was set back.
  const again = (await life(log, 5)).plug();
  await again.send(connect('c'), subscribe('t'));
  const back = (await life(log, 5)).plug();
  await back.send(connect('c'));
  expect(back.heard()).toMatchObject([{ type: 'connack', sessionPresent: true }]);
});

test('a removal that does not say when it was counts against what came before it', () => {
  const records = new LatestRecords<string>();
  records.read('k', { epoch: 1, counter: 1 }, 'a');
  records.read('k', undefined, undefined);
  expect([...records.current()]).toEqual([]);
  records.read('k', { epoch: 1, counter: 2 }, 'b');
  expect([...records.current()]).toEqual([['k', 'b']]);
  expect([...records.overtaken()]).toEqual([]);
});

test('a repeated copy of what counts changes nothing', () => {
  const records = new LatestRecords<string>();
  records.read('k', { epoch: 1, counter: 2 }, 'b');
  records.read('k', { epoch: 1, counter: 1 }, 'a');
  expect([...records.overtaken()]).toEqual([{ key: 'k', state: 'b' }]);
  records.read('k', { epoch: 1, counter: 2 }, 'b');
  expect([...records.overtaken()]).toEqual([]);
});

describe('while the broker runs', () => {
  const world = brokerWorld({}, 'intervals and timeouts');

  /** Each record had to be sent twice. */
  beforeEach(() => {
    const { log } = world;
    const put = log.put.bind(log);
    log.put = (record, receiver, options) =>
      put(record, { settled: (outcome) => receiver.settled(outcome.kind === 'stored' ? { ...outcome, resent: true } : outcome) }, options);
  });

  /** Appends the first record of the key once more. */
  const lateCopy = async (key: string) => {
    const first = world.log.records.find((record) => record.key === key && record.value !== null);
    expect(first).toBeDefined();
    await world.log.append(first as StoredRecord);
  };

  test.each([
    ['a minute', 61],
    ['a quarter of an hour', 15 * 60 + 65],
  ])('what a late copy of a record that was sent again stands behind is written anew after %s', async (_name, seconds) => {
    const client = world.plug();
    await client.send(connect('c', { will }), subscribe('t'));
    await client.send(publish(1, 'old', { topic: 'kept', retain: true }), publish(2, 'new', { topic: 'kept', retain: true }));
    await client.send({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
    await settled();
    // Once before the second look, so that the first has nothing to mend.
    if (seconds > 61) await pass(61);
    for (const key of ['session:guest/default/c', 'will:guest/default/c', 'default/kept']) await lateCopy(key);
    expect(String(lastOf(world.log, 'default/kept')?.value)).toBe('old');
    await pass(seconds);
    expect(lastOf(world.log, 'session:guest/default/c')?.value).toBeNull();
    expect(lastOf(world.log, 'will:guest/default/c')?.value).toBeNull();
    expect(String(lastOf(world.log, 'default/kept')?.value)).toBe('new');
  });

  test('records that are sent again and again do not put off the look: each is looked at a minute or two after it was stored', async () => {
    const client = world.plug();
    await client.send(connect('c'));
    let packetId = 0;
    const retain = (payload: string, topic = 'kept') => client.send(publish(++packetId, payload, { topic, retain: true }));
    await retain('old');
    await retain('new');
    await pass(30);
    await retain('1', 'other');
    await lateCopy('default/kept');
    await pass(25);
    await retain('old', 'kept later');
    await retain('new', 'kept later');
    await pass(6);
    expect(String(lastOf(world.log, 'default/kept')?.value)).toBe('new');
    // Stored five seconds before that look, and carried out once more behind it.
    await lateCopy('default/kept later');
    for (let seconds = 0; seconds < 60; seconds += 20) {
      await retain(String(seconds), 'other');
      await pass(20);
    }
    expect(String(lastOf(world.log, 'default/kept later')?.value)).toBe('new');
  });

  test('what waits to be stored when the look begins is not put behind what it follows', async () => {
    const client = world.plug();
    await client.send(connect('c'), subscribe('old'), subscribe('new'));
    await lateCopy('session:guest/default/c');
    await pass(50);
    world.log.pause();
    await client.send(subscribe('newest'));
    await pass(11);
    world.log.resume();
    await settled();
    expect(String(lastOf(world.log, 'session:guest/default/c')?.value)).toContain('newest');
  });

  test('nothing is written where no late copy came', async () => {
    await world.plug().send(connect('c', { will }), subscribe('t'));
    await settled();
    const before = world.log.records.length;
    await pass(61);
    await pass(15 * 60);
    expect(world.log.records).toHaveLength(before);
  });
});
