/**
 * One key of the log that is written whole, again and again: one write is under way at a time, and what changed meanwhile goes with
 * the next. So a burst of changes costs two records, and they can never overtake each other.
 */
export class LatestState<State> {
  private pending: { state: State } | undefined;
  /** Who waits for the pending state, and for those that could not be stored. */
  private waiting: (() => void)[] = [];
  private writing = false;

  /** A write is under way, and maybe another to come. */
  get busy(): boolean {
    return this.writing;
  }

  constructor(private readonly write: (state: State) => Promise<boolean>) {}

  /** `durable` is called when this state or a later one is stored, in the order of the calls; never, if none can be. */
  set(state: State, durable?: () => void): void {
    if (durable !== undefined) this.waiting.push(durable);
    this.pending = { state };
    if (!this.writing) void this.writeOn();
  }

  private async writeOn(): Promise<void> {
    this.writing = true;
    for (let next = this.pending; next !== undefined; next = this.pending) {
      const { waiting } = this;
      this.pending = undefined;
      this.waiting = [];
      if (await this.write(next.state)) for (const durable of waiting) durable();
      else this.waiting = [...waiting, ...this.waiting];
    }
    this.writing = false;
  }
}
