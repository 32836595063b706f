/** What was taken to be sent; `end` confirms it. */
export interface Batch<T> {
  items: T[];
  /** Position behind the last of the items, counted from the first that was ever pushed. */
  end: number;
}

/**
 * What waits to be sent, oldest first. It is bounded: when full, the oldest makes room, as newer fixes are worth more.
 * Items stay until they are confirmed, so that what was not acknowledged is sent again, in order.
 */
export class OfflineBuffer<T> {
  readonly #capacity: number;
  #items: T[] = [];
  #start = 0;
  #wake: (() => void)[] = [];

  constructor(capacity: number) {
    if (capacity < 1) throw new RangeError('an offline buffer holds at least one item');
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.length;
  }

  get isFull(): boolean {
    return this.#items.length >= this.#capacity;
  }

  /** @returns how many items were lost to make room. */
  push(item: T): number {
    const lost = this.isFull ? 1 : 0;
    if (lost > 0) this.#drop(1);
    this.#items.push(item);
    this.#wakeAll();
    return lost;
  }

  /** The oldest items, which stay in the buffer; undefined when there are none. */
  peek(most: number): Batch<T> | undefined {
    if (this.#items.length === 0) return undefined;
    const items = this.#items.slice(0, most);
    return { items, end: this.#start + items.length };
  }

  /** Forgets what was acknowledged. Items that were dropped meanwhile are not counted twice. */
  confirm({ end }: Batch<T>): void {
    this.#drop(Math.max(0, end - this.#start));
    this.#wakeAll();
  }

  /** Resolves at the next push or confirmation, or when the signal is aborted. */
  changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#wake.push(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #drop(count: number): void {
    this.#items.splice(0, count);
    this.#start += count;
  }

  #wakeAll(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}
