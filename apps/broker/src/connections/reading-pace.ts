import { type Excess, ReadRate } from './read-rate.js';
import type { ReadRateLimits, SharedReadRate } from './shared-read-rate.js';

/** Who is read at that pace. */
export interface Paced {
  /** It is not to be read, until `slowEnough`. */
  tooFast(limit: Excess['limit'], nowMs: number): void;
  slowEnough(): void;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** Lets a client that sends faster than it may wait: what was read is taken, the next read waits until the rates allow it. */
export class ReadingPace {
  /** Since the last read that was judged. */
  private packets = 0;
  private isOver = false;
  private handle: NodeJS.Timeout | undefined;

  /** @returns undefined when nothing is limited, so that an unlimited client costs nothing. */
  static of(limits: ReadRateLimits | undefined, inAll: SharedReadRate | undefined, nowMs: number, client: Paced): ReadingPace | undefined {
    const rate = ReadRate.of(limits, inAll, nowMs);
    return rate && new ReadingPace(rate, client);
  }

  private constructor(
    private readonly rate: ReadRate,
    private readonly client: Paced,
  ) {}

  /** So many more were in what is being read. */
  count(packets: number): void {
    this.packets += packets;
  }

  read(bytes: number, nowMs: number): void {
    const excess = this.rate.spend(bytes, this.packets, nowMs);
    this.packets = 0;
    if (this.isOver) this.rate.waited();
    if (excess === undefined || this.isOver) return;
    this.client.tooFast(excess.limit, nowMs);
    clearTimeout(this.handle);
    const waitMs = Math.min(Math.ceil(excess.waitMs), MAX_TIMER_MS);
    this.handle = setTimeout(() => {
      this.rate.waited();
      this.client.slowEnough();
    }, waitMs);
  }

  /** Nothing of it is read any more. */
  end(): void {
    this.isOver = true;
    clearTimeout(this.handle);
    this.rate.waited();
  }
}
