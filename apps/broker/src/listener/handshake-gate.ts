export interface HandshakeGateLimits {
  maxRunning: number;
  maxWaiting: number;
}

/** When the next one may start, beside the number of those that run. */
export interface Pace {
  /** @returns 0 when one may start now, and counts it; else how long to wait, in milliseconds. */
  next(): number;
}

const AT_ONCE: Pace = { next: () => 0 };

/** Lets a limited number through at a time, at a limited rate; the others wait in the order of their coming, and too many are turned away. */
export class HandshakeGate<T> {
  private readonly waiting: T[] = [];
  private running = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: HandshakeGateLimits,
    private readonly start: (item: T) => void,
    private readonly pace = AT_ONCE,
  ) {}

  get waitingCount(): number {
    return this.waiting.length;
  }

  get runningCount(): number {
    return this.running;
  }

  /** @returns false when too many wait already. */
  enter(item: T): boolean {
    const turn = this.waiting.length === 0 && this.mayStart();
    if (!turn && this.waiting.length >= this.limits.maxWaiting) return false;
    if (turn) this.begin(item);
    else this.waiting.push(item);
    return true;
  }

  /** One that was started is done, well or not. */
  leave(): void {
    this.running -= 1;
    this.advance();
  }

  /** Takes out whoever waits. */
  clear(): T[] {
    clearTimeout(this.timer);
    this.timer = undefined;
    return this.waiting.splice(0);
  }

  private advance(): void {
    while (this.waiting.length > 0 && this.mayStart()) {
      const next = this.waiting.shift();
      if (next !== undefined) this.begin(next);
    }
  }

  private begin(item: T): void {
    this.running += 1;
    this.start(item);
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
