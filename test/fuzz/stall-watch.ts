const TICK_MS = 100;
/** Over a second without progress is a hang. Ticks are counted, not time: on a machine that stands still, so do they. */
const TICKS = 11;

/** Looks every 100 ms whether a number has moved. */
export class StallWatch {
  private last = Number.NaN;
  private ticks = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(progress: () => number, stalled: () => void) {
    this.timer = setInterval(() => {
      const now = progress();
      this.ticks = now === this.last ? this.ticks + 1 : 0;
      this.last = now;
      if (this.ticks !== TICKS) return;
      stalled();
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
