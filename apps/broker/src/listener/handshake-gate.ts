/** Lets a limited number through at a time; the others wait in the order of their coming, and too many are turned away. */
export class HandshakeGate<T> {
  private readonly waiting: T[] = [];
  private running = 0;

  constructor(
    private readonly limits: { maxRunning: number; maxWaiting: number },
    private readonly start: (item: T) => void,
  ) {}

  get waitingCount(): number {
    return this.waiting.length;
  }

  get runningCount(): number {
    return this.running;
  }

  /** @returns false when too many wait already. */
  enter(item: T): boolean {
    if (this.running < this.limits.maxRunning) {
      this.running += 1;
      this.start(item);
      return true;
    }
    if (this.waiting.length >= this.limits.maxWaiting) return false;
    this.waiting.push(item);
    return true;
  }

  /** One that was started is done, well or not. */
  leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.running -= 1;
    else this.start(next);
  }

  /** Takes out whoever waits. */
  clear(): T[] {
    return this.waiting.splice(0);
  }
}
