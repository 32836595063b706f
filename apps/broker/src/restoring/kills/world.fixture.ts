import { DEFAULT_SESSION_LIMITS } from '@milepost/mqtt';
import { Registry } from 'prom-client';
import { vi } from 'vitest';
import { type BrokerLife, life } from '../../broker-life.fixture.js';
import { settled } from '../../connections/fake-socket.fixture.js';
import { BrokerMetrics } from '../../metrics.js';
import { Dice } from './dice.fixture.js';
import { Lanes, PARTITIONS } from './lanes.fixture.js';
import type { Peer } from './peer.fixture.js';
import { Reader, Writer } from './peers.fixture.js';

const STEPS_A_LIFE = 80;
const FEW_QUEUED = 5;
const AS_OFTEN_AS_THEY_LIKE = { maxTakeOvers: Number.POSITIVE_INFINITY, windowMs: 60_000, refusedMs: 60_000 };

/** A broker that is killed again and again, on what is left of its log each time, and clients that use it. */
export class World {
  readonly dice: Dice;
  readonly readers: readonly [Reader, ...Reader[]];
  readonly members: readonly [Reader, ...Reader[]];
  readonly passing: Reader;
  readonly writers: readonly [Writer, ...Writer[]];
  readonly peers: readonly [Peer, ...Peer[]];
  log: Lanes;
  private current: BrokerLife | undefined;
  private epoch = 0;
  /** The log has no room for a record now and then. */
  readonly isTight: boolean;
  /** Now and then a record comes twice, the second time late. */
  readonly hasLateCopies: boolean;
  /** No more than a few messages wait for one client. */
  readonly isNarrow: boolean;
  private metrics = new BrokerMetrics(new Registry());
  private droppedBefore = 0;

  constructor(seed: number) {
    const dice = new Dice(seed);
    this.dice = dice;
    // How long it is waited before something is tried again.
    const pauses = new Dice(seed);
    vi.spyOn(Math, 'random').mockImplementation(() => pauses.below(1_000) / 1_000);
    this.isTight = dice.is(0.3);
    this.hasLateCopies = dice.is(0.3);
    this.isNarrow = dice.is(0.2);
    this.log = new Lanes(dice);
    this.readers = [
      new Reader('reader-0', '#', dice),
      new Reader('reader-1', '#', dice, { receiveMaximums: [1, 3, 100], restlessPercent: 5 }),
    ];
    // All are kept: what a member has whose session is not goes with the process (decision 0010).
    this.members = [
      new Reader('member-0', '$share/g/#', dice, { hasWills: true, receiveMaximums: [1, 100], restlessPercent: 2 }),
      new Reader('member-1', '$share/g/#', dice, { cleanPercent: 40, hasWills: true, restlessPercent: 5, wandersPercent: 5 }),
      new Reader('member-2', '$share/g/#', dice, { cleanPercent: 100, hasWills: true, sessionExpiries: [1, 2, 600] }),
      new Reader('member-3', '$share/g/#', dice, { receiveMaximums: [1, 2], wandersPercent: 15 }),
    ];
    this.passing = new Reader('passing', 't/#', dice, { version: 4, cleanPercent: 40, restlessPercent: 3 });
    this.writers = [
      new Writer('w0', 1, dice, { restlessPercent: 3 }),
      new Writer('w1', 2, dice, { restlessPercent: 3, hasWills: true }),
      new Writer('w2', 2, dice, { cleanPercent: 40, hasWills: true, restlessPercent: 3 }),
      new Writer('w3', 2, dice, { bridged: true }),
      new Writer('w4', 2, dice, { cleanPercent: 100, hasWills: true, sessionExpiries: [0, 2, 600] }),
      new Writer('w5', 1, dice, { version: 4, restlessPercent: 3 }),
    ];
    this.peers = [...this.readers, ...this.members, this.passing, ...this.writers];
  }

  get broker(): BrokerLife {
    if (this.current === undefined) throw new Error('the broker has not begun yet');
    return this.current;
  }

  async begin(): Promise<void> {
    this.epoch += 1;
    this.metrics = new BrokerMetrics(new Registry());
    this.current = await life(this.log, this.epoch, {
      partitions: PARTITIONS,
      takeOvers: AS_OFTEN_AS_THEY_LIKE,
      metrics: this.metrics,
      ...(this.isNarrow && { limits: { ...DEFAULT_SESSION_LIMITS, maxQueuedMessages: FEW_QUEUED } }),
    });
  }

  /** Messages that a queue had no room for; some of them its client gets after a kill. */
  async dropped(): Promise<number> {
    return this.droppedBefore + (await this.metrics.read({ name: 'undelivered_total', labels: { reason: 'queue_full' } }));
  }

  async live(): Promise<void> {
    this.log.withheldPercent = this.isTight ? 10 : 0;
    this.log.latePercent = this.hasLateCopies ? 10 : 0;
    for (let step = 0; step < STEPS_A_LIFE; step++) {
      const what = this.dice.below(100);
      if (what < 35) await this.answer();
      else if (what < 55) this.dice.one(this.writers).write();
      else if (what < 90) await this.dice.one(this.peers).act(this.broker, false);
      else if (what < 93) this.dice.one(this.peers).lose();
      else if (what < 97) await settled();
      else vi.advanceTimersByTime(1_000);
    }
    this.log.withheldPercent = 0;
  }

  /** An answer of the log is an event of its own: what follows from it at once is done before the next one comes. */
  private async answer(): Promise<void> {
    this.log.storeSome();
    await new Promise((done) => setImmediate(done));
  }

  async kill(): Promise<void> {
    this.droppedBefore = await this.dropped();
    this.log = this.log.kill();
    this.broker.close();
    for (const peer of this.peers) peer.cutOff();
    await this.begin();
  }

  /** Until nobody of these has anything left to say. */
  async rest(peers: readonly Peer[] = this.peers): Promise<void> {
    for (let quiet = 0; quiet < 4; ) {
      const wasIdle = this.log.isIdle;
      await this.store();
      let isActive = !wasIdle;
      for (const peer of peers) if (await peer.act(this.broker, true)) isActive = true;
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
