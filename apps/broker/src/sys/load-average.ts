/** Events a minute, averaged over a period: like the load averages of Unix, a step shows by 63 % when one period has passed. */
export class LoadAverage {
  private seen = 0;
  private average = 0;

  constructor(private readonly periodMs: number) {}

  /** Events a minute. */
  get perMinute(): number {
    return this.average;
  }

  /** `total`: events since the start. `elapsedMs`: since the last call, or the start; more than 0. */
  add(total: number, elapsedMs: number): number {
    const rate = ((total - this.seen) / elapsedMs) * 60_000;
    this.seen = total;
    this.average = rate + (this.average - rate) * Math.exp(-elapsedMs / this.periodMs);
    return this.average;
  }
}
