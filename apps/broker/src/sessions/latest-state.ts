/**
 * One key of the log that is written whole, again and again: one write is under way at a time, and what changed meanwhile goes with
 * the next. So a burst of changes costs two records, and they can never overtake each other.
 */
export class LatestState<State> {
  private pending: { state: State; durable: (() => void)[] } | undefined;
  private writing = false;

  constructor(private readonly write: (state: State) => Promise<boolean>) {}

  /** `durable` is called when this state or a later one is stored, in the order of the calls; never, if it cannot be stored. */
  set(state: State, durable?: () => void): void {
    const waiting = this.pending?.durable ?? [];
    if (durable !== undefined) waiting.push(durable);
    this.pending = { state, durable: waiting };
    if (!this.writing) void this.writeOn();
  }

  private async writeOn(): Promise<void> {
    this.writing = true;
    for (let next = this.pending; next !== undefined; next = this.pending) {
      this.pending = undefined;
      const stored = await this.write(next.state);
      if (stored) for (const durable of next.durable) durable();
      else this.carryOver(next.durable);
    }
    this.writing = false;
  }

  /** What could not be stored waits for a later state, if one comes. */
  private carryOver(durable: (() => void)[]): void {
    if (this.pending !== undefined) this.pending = { ...this.pending, durable: [...durable, ...this.pending.durable] };
  }
}
