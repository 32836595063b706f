/** A partition as it is read at some moment. */
export interface ReadPartition {
  name: string;
  /** The offset that comes next. */
  position: bigint;
  /** Where the log ends. */
  end: bigint;
  /** A batch of it is being worked on: that may take as long as it takes. */
  inHand: boolean;
}

/**
 * Finds partitions that nobody reads although their log goes on: behind its end, with nothing in hand, and at the same position at every look
 * for so long. kafkajs can leave a partition alone without a word while its heartbeats go on.
 */
export class Standstill {
  readonly #leastMs: number;
  #behind = new Map<string, { position: bigint; sinceMs: number }>();

  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  /** @returns the names of those that stand still at `nowMs`, of a monotonic clock. */
  look(partitions: readonly ReadPartition[], nowMs: number): string[] {
    const behind = new Map<string, { position: bigint; sinceMs: number }>();
    for (const { name, position, end, inHand } of partitions) {
      if (position >= end || inHand) continue;
      const before = this.#behind.get(name);
      behind.set(name, before?.position === position ? before : { position, sinceMs: nowMs });
    }
    this.#behind = behind;
    return [...behind].filter(([, { sinceMs }]) => nowMs - sinceMs >= this.#leastMs).map(([name]) => name);
  }

  /** What was seen means nothing any more. */
  forget(): void {
    this.#behind.clear();
  }
}
