import type { ProtocolVersion } from '@milepost/mqtt';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, vi } from 'vitest';
import type { CoreOptions } from './broker-core.js';
import { type BrokerLife, life } from './broker-life.fixture.js';
import type { FakeClient } from './connections/fake-socket.fixture.js';
import { logUpTo } from './log/log.fixture.js';
import { MemoryLog } from './log/memory-log.js';
import { BrokerMetrics } from './metrics.js';

/** The clock and intervals pass with `pass` alone; timeouts as they do, where they are not asked for. */
type FakedTimers = 'intervals' | 'intervals and timeouts';

/** For each test of the file, or of the describe, that calls it: a broker on an empty log, in a time that is faked. */
export function brokerWorld(options: Partial<CoreOptions> = {}, faked: FakedTimers = 'intervals'): BrokerWorld {
  const world = new BrokerWorld(options, faked);
  beforeEach(() => world.begin());
  afterEach(() => world.end());
  return world;
}

export class BrokerWorld {
  log = new MemoryLog();
  private metrics = new BrokerMetrics(new Registry());
  private lives: BrokerLife[] = [];
  private current: BrokerLife | undefined;
  private epoch = 0;

  constructor(
    private readonly options: Partial<CoreOptions>,
    private readonly faked: FakedTimers,
  ) {}

  async begin(): Promise<void> {
    const timeouts = this.faked === 'intervals' ? [] : (['setTimeout', 'clearTimeout'] as const);
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval', ...timeouts] });
    this.log = new MemoryLog();
    this.epoch = 0;
    await this.restart();
  }

  end(): void {
    for (const each of this.lives) each.close();
    this.lives = [];
    vi.useRealTimers();
  }

  get broker(): BrokerLife {
    if (this.current === undefined) throw new Error('the world has not begun yet');
    return this.current;
  }

  /** A client's end of a connection to the broker. */
  plug(version?: ProtocolVersion): FakeClient {
    return this.broker.plug(version);
  }

  /** Another broker takes over the log, as after kill -9; nothing is counted yet. */
  async restart(): Promise<void> {
    this.current?.close();
    this.metrics = new BrokerMetrics(new Registry());
    this.epoch += 1;
    this.current = await life(this.log, this.epoch, { ...this.options, metrics: this.metrics });
    this.lives.push(this.current);
  }

  /** What would be there after kill -9, on a copy of the log as it is now. */
  async nextLife(): Promise<BrokerLife> {
    const next = await life(logUpTo(this.log, this.log.records.length), this.epoch + 1, this.options);
    this.lives.push(next);
    return next;
  }

  /** What would be there after a kill -9 at any moment since the log had that many records, one after the other, each on its part of the log. */
  async *nextLivesSince(count: number): AsyncGenerator<{ cut: number; rest: MemoryLog; next: BrokerLife }> {
    for (let cut = count; cut <= this.log.records.length; cut++) {
      const rest = logUpTo(this.log, cut);
      const next = await life(rest, this.epoch + 1, this.options);
      try {
        yield { cut, rest, next };
      } finally {
        next.close();
      }
    }
  }

  /** How often that limit was reached since the broker began. */
  reached(limit: string): Promise<number> {
    return this.metrics.read({ name: 'limits_reached_total', labels: { limit } });
  }

  /** What the broker would tell of that metric now. */
  read(name: string): Promise<number> {
    return this.metrics.read({ name });
  }
}
