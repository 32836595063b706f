import { DEFAULT_CONNECTION_OPTIONS, DEFAULT_SESSION_LIMITS } from '@milepost/mqtt';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type BrokerLife, connected, life, publish } from '../../broker-life.fixture.js';
import { settled } from '../../connections/fake-socket.fixture.js';
import { Dice } from './dice.fixture.js';
import { Lanes, PARTITIONS } from './lanes.fixture.js';
import { Reader } from './peers.fixture.js';

const RUNS = 15;
const LIVES = 4;
const STEPS_A_LIFE = 40;
const TEXTS = Array.from({ length: 20 }, (_, index) => `retained ${index}`).toSorted();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Readers of what topics retain, who have room for a few at a time, and a broker that is killed again and again. */
class World {
  readonly readers: readonly [Reader, ...Reader[]];
  private readonly dice: Dice;
  private log: Lanes;
  private current: BrokerLife | undefined;
  private epoch = 0;
  private readonly withheldPercent: number;

  constructor(seed: number) {
    this.dice = new Dice(seed);
    this.withheldPercent = this.dice.is(0.3) ? 10 : 0;
    this.log = new Lanes(this.dice);
    this.readers = [new Reader('reader-0', 'r/#', this.dice), new Reader('reader-1', 'r/+', this.dice, { asksTwice: true })];
  }

  private get broker(): BrokerLife {
    if (this.current === undefined) throw new Error('the broker has not begun yet');
    return this.current;
  }

  async begin(): Promise<void> {
    this.epoch += 1;
    this.current = await life(this.log, this.epoch, {
      partitions: PARTITIONS,
      limits: { ...DEFAULT_SESSION_LIMITS, maxQueuedMessages: 8 },
      connections: { ...DEFAULT_CONNECTION_OPTIONS, maxSessionExpirySeconds: 3_600, maxOutboundInFlight: 2 },
    });
  }

  async retain(): Promise<void> {
    const arriving = connected(this.broker, 'writer', { cleanStart: true, properties: {} });
    await this.store();
    const writer = await arriving;
    for (const [index, text] of TEXTS.entries()) {
      await writer.send(publish(index + 1, text, { topic: `r/${index}`, qos: index % 2 === 0 ? 1 : 2, retain: true }));
      await this.store();
    }
  }

  async live(): Promise<void> {
    this.log.withheldPercent = this.withheldPercent;
    for (let step = 0; step < STEPS_A_LIFE; step++) {
      const what = this.dice.below(100);
      if (what < 40) this.log.storeSome();
      else if (what < 85) await this.dice.one(this.readers).act(this.broker, false);
      else if (what < 88) this.dice.one(this.readers).lose();
      else if (what < 96) await settled();
      else vi.advanceTimersByTime(1_000);
    }
    this.log.withheldPercent = 0;
  }

  async kill(): Promise<void> {
    this.log = this.log.kill();
    this.broker.close();
    for (const reader of this.readers) reader.cutOff();
    await this.begin();
  }

  /** Until nobody has anything left to say. */
  async rest(): Promise<void> {
    for (let quiet = 0; quiet < 4; ) {
      let isActive = !this.log.isIdle;
      await this.store();
      for (const reader of this.readers) if (await reader.act(this.broker, true)) isActive = true;
      vi.advanceTimersByTime(6_000);
      quiet = isActive ? 0 : quiet + 1;
    }
  }

  close(): void {
    this.broker.close();
  }

  private async store(): Promise<void> {
    await settled();
    while (!this.log.isIdle) {
      this.log.storeSome();
      await settled();
    }
  }
}

const textsOf = (reader: Reader) => [...reader.texts(1), ...reader.texts(2)];

async function handsOutAll(seed: number): Promise<void> {
  const world = new World(seed);
  await world.begin();
  await world.retain();
  for (let count = 1; count < LIVES; count++) {
    await world.live();
    await world.kill();
  }
  await world.rest();
  for (const reader of world.readers) expect([reader.id, [...new Set(textsOf(reader))].toSorted()]).toEqual([reader.id, TEXTS]);
  const before = world.readers.map((reader) => textsOf(reader).length);
  await world.kill();
  await world.rest();
  expect(world.readers.map((reader) => textsOf(reader).length)).toEqual(before);
  world.close();
}

test('wherever it is killed, the broker hands out all that topics retain to who has subscribed, and no more once it has [MQTT-3.3.1-9, v3 MQTT-3.3.1-6]', async () => {
  // A smaller number is no simpler a case.
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1 }), handsOutAll), { numRuns: RUNS, endOnFailure: true });
});
