import { FairQueue } from './fair-queue.js';

export interface HandshakeGateLimits {
  maxRunning: number;
  /** Of those that run, from one place. */
  maxRunningFrom: number;
  maxWaiting: number;
}

/** When the next one may start, beside the number of those that run. */
export interface Pace {
  /** @returns 0 when one may start now, and counts it; else how long to wait, in milliseconds. */
  next(): number;
}

const AT_ONCE: Pace = { next: () => 0 };

export interface Entry<T> {
  /** False: too many wait already. */
  readonly entered: boolean;
  /** Turned away for it, though it had entered: many more wait from where it came. */
  readonly dropped: T | undefined;
}

/**
 * Lets a limited number through at a time, at a limited rate. The others wait, and each place that they come from has its turn: whoever
 * knocks a thousand times keeps nobody else waiting.
 */
export class HandshakeGate<T extends { readonly from: string }> {
  private readonly waiting = new FairQueue<T>();
  private readonly runningFrom = new Map<string, number>();
  private running = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: HandshakeGateLimits,
    private readonly start: (item: T) => void,
    private readonly pace = AT_ONCE,
  ) {}

  get waitingCount(): number {
    return this.waiting.size;
  }

  get runningCount(): number {
    return this.running;
  }

  enter(item: T): Entry<T> {
    // Whoever waits already is behind its own limit, or all are behind the pace or the limit of all.
    if (this.mayComeFrom(item.from) && this.mayStart()) {
      this.begin(item);
      return { entered: true, dropped: undefined };
    }
    const full = this.waiting.size >= this.limits.maxWaiting;
    const dropped = full ? this.waiting.dropFor(item.from) : undefined;
    if (full && dropped === undefined) return { entered: false, dropped };
    this.waiting.push(item);
    return { entered: true, dropped };
  }

  /** One that was started is done, well or not. */
  leave({ from }: T): void {
    this.running -= 1;
    const left = this.ofPlace(from) - 1;
    if (left > 0) this.runningFrom.set(from, left);
    else this.runningFrom.delete(from);
    this.advance();
  }

  /** Takes out whoever waits. */
  clear(): T[] {
    clearTimeout(this.timer);
    this.timer = undefined;
    return this.waiting.clear();
  }

  private advance(): void {
    const mayCome = (from: string) => this.mayComeFrom(from);
    while (this.waiting.hasNext(mayCome) && this.mayStart()) {
      const next = this.waiting.next(mayCome);
      if (next !== undefined) this.begin(next);
    }
  }

  private begin(item: T): void {
    this.running += 1;
    this.runningFrom.set(item.from, this.ofPlace(item.from) + 1);
    this.start(item);
  }

  private ofPlace(from: string): number {
    return this.runningFrom.get(from) ?? 0;
  }

  private mayComeFrom(from: string): boolean {
    return this.ofPlace(from) < this.limits.maxRunningFrom;
  }

  private mayStart(): boolean {
    if (this.running >= this.limits.maxRunning || this.timer !== undefined) return false;
    const waitMs = this.pace.next();
    if (waitMs === 0) return true;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.advance();
    }, Math.ceil(waitMs));
    this.timer.unref();
    return false;
  }
}
