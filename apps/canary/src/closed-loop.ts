/** The last message that went from the vehicle to the API. Its age runs by a clock that nobody sets: set back, it would keep the heartbeat alive. */
export class ClosedLoop {
  #closed: { atMs: number; monotonicMs: number } | undefined;

  close(): void {
    this.#closed = { atMs: Date.now(), monotonicMs: performance.now() };
  }

  /** ms since 1970, for people. */
  get atMs(): number | undefined {
    return this.#closed?.atMs;
  }

  get ageMs(): number | undefined {
    return this.#closed && performance.now() - this.#closed.monotonicMs;
  }
}
