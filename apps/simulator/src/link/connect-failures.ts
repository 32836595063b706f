const limits = { quietMs: 120_000, reasons: 50 };

/**
 * Failed connects of a whole fleet, by their reason, so that a broker that is away gives a few lines and not one a truck and try.
 * A reason is worth a line when it is new, and each time its count has doubled since; after two minutes without it, twice the longest
 * back-off, it is new again.
 */
export class ConnectFailures {
  readonly #byReason = new Map<string, { count: number; lastMs: number }>();

  /** @returns how many connects failed for this reason by now when that is worth a line: 1, 2, 4, 8 …; else undefined. */
  note(reason: string, nowMs: number): number | undefined {
    const before = this.#byReason.get(reason);
    const count = before === undefined || nowMs - before.lastMs > limits.quietMs ? 1 : before.count + 1;
    // The one that failed longest ago comes first, and goes when there are too many.
    this.#byReason.delete(reason);
    this.#byReason.set(reason, { count, lastMs: nowMs });
    const [oldest = reason] = this.#byReason.keys();
    if (this.#byReason.size > limits.reasons) this.#byReason.delete(oldest);
    return Number.isInteger(Math.log2(count)) ? count : undefined;
  }
}

/** In words and without a stack. An error that stands for several addresses (`localhost`) has a code and no message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
