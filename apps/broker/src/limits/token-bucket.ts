/** An average rate with room for a burst. It has no clock of its own: whoever asks says when. */
export class TokenBucket {
  private tokens: number;

  /** Starts full. */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private filledAtMs: number,
  ) {
    this.tokens = burst;
  }

  /** @returns whether there was one. */
  take(nowMs: number): boolean {
    this.fill(nowMs);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  /** Takes what was used already, and may owe some of it. @returns how long until nothing is owed, in milliseconds; 0: at once. */
  spend(amount: number, nowMs: number): number {
    this.fill(nowMs);
    this.tokens -= amount;
    return this.tokens >= 0 ? 0 : this.fillingMs(-this.tokens);
  }

  /** How long so many take to come, in milliseconds. */
  fillingMs(amount: number): number {
    return (amount / this.perSecond) * 1000;
  }

  /** How many there are; negative: owed. */
  available(nowMs: number): number {
    this.fill(nowMs);
    return this.tokens;
  }

  /** How long until `take` finds one, in milliseconds. */
  waitMs(nowMs: number): number {
    this.fill(nowMs);
    return this.tokens >= 1 ? 0 : this.fillingMs(1 - this.tokens);
  }

  private fill(nowMs: number): void {
    this.tokens = Math.min(this.burst, this.tokens + ((nowMs - this.filledAtMs) / 1000) * this.perSecond);
    this.filledAtMs = nowMs;
  }
}
