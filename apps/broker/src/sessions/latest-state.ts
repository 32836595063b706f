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

  private async writeOn(): Promise<void> {
    this.writing = true;
    for (let next = this.pending; next !== undefined; next = this.pending) {
      let latest = next;
      let waiting: (() => void)[] = [];
      const outcome = await untilAnswered(() => {
        latest = this.pending ?? latest;
        waiting = [...waiting, ...this.waiting];
        this.pending = undefined;
        this.waiting = [];
        return this.write(latest.state);
      });
      if (outcome?.kind === 'stored') for (const durable of waiting) durable();
      else this.waiting = [...waiting, ...this.waiting];
    }
    this.writing = false;
  }
}
