import { topics } from '@milepost/contracts';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connected, heardInShort, subscribe } from '../../broker-life.fixture.js';
import type { Reader, Written } from './peers.fixture.js';
import { World } from './world.fixture.js';

const RUNS = 10;
const LIVES = 5;
/** Longer than any will waits. */
const WILLS_OVER_S = 200;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const once = (texts: readonly string[]) => [...new Set(texts)];

test('wherever it is killed, the broker keeps what it acknowledged, in order, doubles nothing of QoS 2, and publishes each will once or, where its client was back in time, not at all', async () => {
  // A smaller number is no simpler a case.
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1 }), keepsAll), { numRuns: RUNS, endOnFailure: true });
});

async function keepsAll(seed: number): Promise<void> {
  const world = new World(seed);
  await world.begin();
  await world.rest();
  for (let count = 1; count < LIVES; count++) {
    await world.live();
    await world.kill();
  }
  await world.rest();
  await expectAll(world);
  await expectRetained(world);
  await expectLastWills(world);
  expectNothingTwice(world);
  if (world.hasLateCopies) {
    // What they brought back goes with a start.
    await world.kill();
    await world.rest();
  }
  await world.store();
  const left = new Map(world.log.records.map(({ topic, key, value }) => [`${topic} ${key}`, value]));
  expect([...left].filter(([key, value]) => key.startsWith(topics.mqttMessages) && value !== null)).toEqual([]);
  world.broker.close();
}

/** What was acknowledged has reached whom it must, in order, but for what had no room and is counted. */
async function expectAll(world: World): Promise<void> {
  const { readers, members, writers, isNarrow } = world;
  const all = writers.flatMap(({ written }) => written);
  expect(all.filter(({ state }) => state === 'sent' || state === 'received')).toEqual([]);
  const done = all.filter(({ state, expires }) => state === 'done' && !expires);
  const missing = (qos: 1 | 2, texts: readonly string[]) =>
    done.flatMap((each) => (each.qos === qos && !texts.includes(each.text) ? [each.text] : []));

  // What is in the queue of a member that ends is lost to QoS 2.
  const shared = members.flatMap((member) => member.texts(1));
  const missed = { shared: missing(1, shared) };
  const missedBy = readers.map((reader) => ({ [reader.id]: [...missing(1, reader.texts(1)), ...missing(2, reader.texts(2))] }));
  if (isNarrow)
    expect([missed, ...missedBy].flatMap((each) => Object.values(each).flat()).length).toBeLessThanOrEqual(await world.dropped());
  else expect([missed, ...missedBy]).toEqual([{ shared: [] }, ...readers.map(({ id }) => ({ [id]: [] }))]);
  // A copy of QoS 1 that expires, or has no room, leaves its place to the next that its client sends.
  const isOrdered = ({ qos, expires }: Written) => qos === 2 || !(expires || isNarrow);
  for (const reader of readers) for (const { written } of writers) expectInOrder(reader, written.filter(isOrdered));
}

/** Of one client and one topic, each QoS for itself. */
function expectInOrder(reader: Reader, written: readonly Written[]): void {
  for (const qos of [1, 2] as const)
    for (const topic of new Set(written.map((each) => each.topic))) {
      const sent = written.flatMap((each) => (each.qos === qos && each.topic === topic ? [each.text] : []));
      const came = once(reader.texts(qos)).filter((text) => sent.includes(text));
      expect([reader.id, topic, came]).toEqual([reader.id, topic, sent.filter((text) => came.includes(text))]);
    }
}

/** Each topic retains what its writer was last told is received, unless that has expired or removes. */
async function expectRetained({ broker, writers }: World): Promise<void> {
  const late = await connected(broker, 'late', { cleanStart: true, properties: {} });
  await late.send(subscribe('r/+'));
  const retained = heardInShort(late).slice(2);
  const sure = writers.filter(({ forgets }) => !forgets);
  const last = sure.flatMap(({ written }) => written.findLast(({ retain }) => retain) ?? []);
  const isOfSure = (text: string) => sure.some(({ written }) => written.some((each) => each.text === text));
  const expected = last.flatMap(({ text, clears, expires }) => (clears || expires ? [] : [text]));
  expect(retained.filter(isOfSure).toSorted()).toEqual(expected.toSorted());
}

/** Of clients that do not come back, be the broker killed meanwhile: each reaches whom it must. */
async function expectLastWills(world: World): Promise<void> {
  const leaving = world.peers.filter(({ will }) => will !== undefined);
  const last = leaving.flatMap(({ will }) => will?.text ?? []);
  for (const peer of leaving) peer.lose();
  if (world.dice.is(0.5)) await world.kill();
  for (let atS = performance.now() / 1000 + WILLS_OVER_S; performance.now() / 1000 < atS; ) await world.rest(world.readers);
  const got = world.readers.map((reader) => last.filter((text) => reader.texts(2).includes(text)));
  if (!world.isNarrow) expect(got).toEqual(world.readers.map(() => last));
  await world.rest();
}

/** Neither a message of QoS 2 nor a will; and no will of a client that was back in time, or said goodbye. */
function expectNothingTwice({ readers, members, passing, peers }: World): void {
  const off = peers.flatMap(({ wills }) => wills.flatMap(({ text, isOff }) => (isOff ? [text] : [])));
  // A shared one at one member alone.
  const heard = [members.flatMap((member) => member.texts(2)), ...[...readers, passing].map((reader) => reader.texts(2))];
  for (const texts of heard) {
    expect(texts.toSorted()).toEqual(once(texts).toSorted());
    expect(texts.filter((text) => off.includes(text))).toEqual([]);
  }
}
