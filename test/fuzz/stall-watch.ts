export const LOOK_MS = 100;
/** Over a second without progress is a hang. */
const STALL_MS = 1_000;

/**
 * Looks every 100 ms whether a number has moved, from its first move on: starting up is no progress yet. The clock is the caller's,
 * in milliseconds, asked once a look: a machine that is busy with something else must not look like a hang.
 */
export class StallWatch {
  private last = 0;
  private movedAt: number;
  private readonly timer: NodeJS.Timeout;

  constructor(progress: () => number, clock: () => number, stalled: () => void) {
    this.movedAt = clock();
    this.timer = setInterval(() => {
      const current = progress();
      if (current !== this.last || current === 0) this.movedAt = clock();
      else if (clock() - this.movedAt > STALL_MS) stalled();
      this.last = current;
    }, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
