import type { AppendOutcome } from '@milepost/kafka';
import { untilAnswered } from '../log/until-answered.js';

/**
 * One key of the log that is written whole, again and again: one write is under way at a time, and what changed meanwhile goes with
 * the next. So a burst of changes costs two records, and they can never overtake each other. What the log has no room for is tried
 * again, as it is by then.
 */
export class LatestState<State> {
  private pending: { state: State } | undefined;
  /** Who waits for the pending state, and for those that could not be stored. */
  private waiting: (() => void)[] = [];
  /** Who waits for the state that is being written. */
  private asking: (() => void)[] = [];
  private writing = false;

  /** A write is under way, and maybe another to come. */
  get busy(): boolean {
    return this.writing;
  }

  /** `write` resolves to undefined where there is nothing to be written any more. */
  constructor(private readonly write: (state: State) => Promise<AppendOutcome | undefined>) {}

  /** `durable` is called when this state or a later one is stored, in the order of the calls; never, if none can be. */
  set(state: State, durable?: () => void): void {
    if (durable !== undefined) this.waiting.push(durable);
    this.pending = { state };
    if (!this.writing) void this.writeOn();
  }

  /** Nobody waits any more for what was set. */
  forgetWaiting(): void {
    this.waiting = [];
    this.asking = [];
  }

  private async writeOn(): Promise<void> {
    this.writing = true;
    for (let next = this.pending; next !== undefined; next = this.pending) {
      let latest = next;
      const outcome = await untilAnswered(() => {
        latest = this.pending ?? latest;
        this.pending = undefined;
        this.asking = [...this.asking, ...this.waiting];
        this.waiting = [];
        return this.write(latest.state);
      });
      const { asking } = this;
      this.asking = [];
      if (outcome?.kind === 'stored') for (const durable of asking) durable();
      else this.waiting = [...asking, ...this.waiting];
    }
    this.writing = false;
  }
}
