import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Requests that may wait at a time in this process; one more is answered at once. */
const maxWaiting = 256;
const lookEveryMs = 500;

/** Requests that wait for something to come. */
export class LongPoll {
  readonly #closing = new AbortController();
  #waiting = 0;

  constructor() {
    // Everybody who waits listens: Node takes more than ten listeners for a leak, and says so.
    setMaxListeners(0, this.#closing.signal);
  }

  /**
   * Looks until there is something, for at most so long; nobody's time is over before one look. A client that has left is not looked for.
   * @param look answers undefined while there is nothing
   */
  async until<T>(look: () => Promise<T | undefined>, { waitMs, gone }: { waitMs: number; gone: AbortSignal }): Promise<T | undefined> {
    const deadline = performance.now() + waitMs;
    const found = await look();
    if (found !== undefined || this.#waiting >= maxWaiting) return found;
    this.#waiting += 1;
    const ended = new AbortController();
    const end = () => ended.abort();
    const signals = [this.#closing.signal, gone];
    // Not AbortSignal.any: what that leaves on a signal that lives as long as the process stays there (Node 20).
    for (const signal of signals) signal.addEventListener('abort', end);
    if (signals.some(({ aborted }) => aborted)) end();
    try {
      while (!ended.signal.aborted && performance.now() < deadline) {
        const rest = Math.min(lookEveryMs, deadline - performance.now());
        await delay(rest, undefined, { signal: ended.signal }).catch(() => undefined);
        if (gone.aborted) return undefined;
        const later = await look();
        if (later !== undefined) return later;
      }
      return undefined;
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', end);
      this.#waiting -= 1;
    }
  }

  /** Everybody who waits is answered with what there is. */
  close(): void {
    this.#closing.abort();
  }
}
