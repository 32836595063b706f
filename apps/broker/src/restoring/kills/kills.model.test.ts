import { topics } from '@milepost/contracts';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type BrokerLife, connected, heardInShort, life, subscribe } from '../../broker-life.fixture.js';
import { settled } from '../../connections/fake-socket.fixture.js';
import { Dice } from './dice.fixture.js';
import { Lanes, PARTITIONS } from './lanes.fixture.js';
import { type Peer, Reader, Writer, type Written } from './peers.fixture.js';

const RUNS = 10;
const LIVES = 5;
const STEPS_A_LIFE = 80;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A broker that is killed again and again, on what is left of its log each time, and clients that use it. */
class World {
  readonly dice: Dice;
  readonly readers: readonly [Reader, ...Reader[]];
  readonly members: readonly [Reader, ...Reader[]];
  readonly passing: Reader;
  readonly writers: readonly [Writer, ...Writer[]];
  private readonly peers: readonly [Peer, ...Peer[]];
  log: Lanes;
  private current: BrokerLife | undefined;
  private epoch = 0;
  /** The log has no room for a record now and then. */
  readonly isTight: boolean;
  /** Now and then a record comes twice, the second time late. */
  readonly hasLateCopies: boolean;

  constructor(seed: number) {
    const dice = new Dice(seed);
    this.dice = dice;
    this.isTight = dice.is(0.3);
    this.hasLateCopies = dice.is(0.3);
    this.log = new Lanes(dice);
    this.readers = [new Reader('reader-0', '#', dice), new Reader('reader-1', '#', dice)];
    // All are kept: what a member has whose session is not goes with the process.
    this.members = [
      new Reader('member-0', '$share/g/#', dice, { hasWills: true }),
      new Reader('member-1', '$share/g/#', dice, { cleanPercent: 40, hasWills: true }),
      new Reader('member-2', '$share/g/#', dice, { cleanPercent: 100, hasWills: true, sessionExpiries: [1, 2, 600] }),
    ];
    this.passing = new Reader('passing', 't/#', dice, { cleanPercent: 40 });
    this.writers = [
      new Writer('w0', 1, dice),
      new Writer('w1', 2, dice),
      new Writer('w2', 2, dice, { cleanPercent: 40, hasWills: true }),
      new Writer('w3', 2, dice, { bridged: true }),
      new Writer('w4', 2, dice, { cleanPercent: 100, hasWills: true, sessionExpiries: [0, 2, 600] }),
    ];
    this.peers = [...this.readers, ...this.members, this.passing, ...this.writers];
  }

  get broker(): BrokerLife {
    if (this.current === undefined) throw new Error('the broker has not begun yet');
    return this.current;
  }

  async begin(): Promise<void> {
    this.epoch += 1;
    this.current = await life(this.log, this.epoch, { partitions: PARTITIONS });
  }

  async live(): Promise<void> {
    this.log.withheldPercent = this.isTight ? 10 : 0;
    this.log.latePercent = this.hasLateCopies ? 10 : 0;
    for (let step = 0; step < STEPS_A_LIFE; step++) {
      const what = this.dice.below(100);
      if (what < 35) this.log.storeSome();
      else if (what < 55) this.dice.one(this.writers).write();
      else if (what < 90) await this.dice.one(this.peers).act(this.broker, false);
      else if (what < 93) this.dice.one(this.peers).lose();
      else if (what < 97) await settled();
      else vi.advanceTimersByTime(1_000);
    }
    this.log.withheldPercent = 0;
  }

  async kill(): Promise<void> {
    this.log = this.log.kill();
    this.broker.close();
    for (const peer of this.peers) peer.lose();
    await this.begin();
  }

  /** Until nobody has anything left to say. */
  async rest(): Promise<void> {
    for (let quiet = 0; quiet < 4; ) {
      const wasIdle = this.log.isIdle;
      await this.store();
      let isActive = !wasIdle;
      for (const peer of this.peers) if (await peer.act(this.broker, true)) isActive = true;
      vi.advanceTimersByTime(6_000);
      quiet = isActive ? 0 : quiet + 1;
    }
  }

  async store(): Promise<void> {
    await settled();
    while (!this.log.isIdle) {
      this.log.storeSome();
      await settled();
    }
  }
}

const once = (texts: readonly string[]) => [...new Set(texts)];

test('wherever it is killed, the broker keeps what it acknowledged, in order, and doubles nothing of QoS 2', async () => {
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
  const all = world.writers.flatMap(({ written }) => written);
  expect(all.filter(({ state }) => state === 'sent' || state === 'received')).toEqual([]);
  const done = (qos: 1 | 2) => all.flatMap((each) => (each.state === 'done' && each.qos === qos ? [each.text] : [])).toSorted();
  const ofDone = (qos: 1 | 2, texts: readonly string[]) => texts.filter((text) => done(qos).includes(text)).toSorted();

  for (const reader of world.readers) {
    expect([reader.id, ofDone(2, reader.texts(2))]).toEqual([reader.id, done(2)]);
    expect([reader.id, ofDone(1, once(reader.texts(1)))]).toEqual([reader.id, done(1)]);
    if (!world.isTight) for (const { written } of world.writers) expectInOrder(reader, written);
  }
  // What is in the queue of a member that ends is lost to QoS 2; and no will comes twice either.
  const shared = (qos: 1 | 2) => world.members.flatMap((member) => member.texts(qos));
  expect(ofDone(1, once(shared(1)))).toEqual(done(1));
  for (const texts of [shared(2), ...[...world.readers, world.passing].map((reader) => reader.texts(2))])
    expect(texts.toSorted()).toEqual(once(texts).toSorted());

  const late = await connected(world.broker, 'late', { cleanStart: true, properties: {} });
  await late.send(subscribe('r/+'));
  const retained = heardInShort(late).slice(2);
  const sure = world.writers.filter(({ forgets }) => !forgets);
  const last = sure.flatMap(({ written }) => written.findLast(({ retain }) => retain)?.text ?? []);
  if (!world.isTight)
    expect(retained.filter((text) => sure.some(({ written }) => written.some((each) => each.text === text))).toSorted()).toEqual(
      last.toSorted(),
    );
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

/** Of one client and one topic, each QoS for itself. What found no room comes again behind what did. */
function expectInOrder(reader: Reader, written: readonly Written[]): void {
  for (const qos of [1, 2] as const)
    for (const topic of new Set(written.map((each) => each.topic))) {
      const sent = written.flatMap((each) => (each.qos === qos && each.topic === topic ? [each.text] : []));
      const came = once(reader.texts(qos)).filter((text) => sent.includes(text));
      expect([reader.id, topic, came]).toEqual([reader.id, topic, sent.filter((text) => came.includes(text))]);
    }
}
