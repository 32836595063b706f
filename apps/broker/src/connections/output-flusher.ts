interface Flushable {
  flush(): void;
}

/**
 * Writes once a tick whatever its connections have to say: the acks of a whole produce response leave as one write a socket. And tells
 * the time for them: it is read once a tick.
 */
export class OutputFlusher {
  private waiting: Flushable[] = [];
  private tickAtMs = 0;

  /** `performance.now()` of this tick. */
  now(): number {
    if (this.waiting.length === 0) this.tickAtMs = performance.now();
    return this.tickAtMs;
  }

  add(connection: Flushable): void {
    if (this.waiting.length === 0) {
      this.tickAtMs = performance.now();
      // A tick's callbacks run when its promise reactions are through: all records that one response settled are in.
      process.nextTick(this.flushAll);
    }
    this.waiting.push(connection);
  }

  private readonly flushAll = (): void => {
    const due = this.waiting;
    this.waiting = [];
    for (const connection of due) connection.flush();
  };
}
