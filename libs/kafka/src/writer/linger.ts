/** Weight of the newest answer in the mean. */
const NEWEST = 0.2;
/** A longer one would be felt by whoever waits for an acknowledgement, however slow Kafka is. */
const MAX_LINGER_MS = 20;
/** Fewer records than this in a linger, and the next one is not waited for. */
const WORTH_WAITING_FOR = 0.5;

/**
 * How long the first record of a batch waits for others. A request costs Kafka much and a record little, so it is as long as it costs
 * the sender little: no time where no other record is to be expected, `leastMs` as a rule, and half of Kafka's answer time where that
 * is longer, for what is slow is most often busy. Times are of one monotonic clock, in milliseconds.
 */
export class Linger {
  private answerMs = 0;
  /** Records counted since `countedFrom`. */
  private count = 0;
  private countedFrom = Number.NEGATIVE_INFINITY;
  private recordsAMs = 0;

  constructor(private readonly leastMs: number) {}

  /** A request took so long. Failures say nothing. */
  answered(tookMs: number): void {
    this.answerMs = this.answerMs === 0 ? tookMs : this.answerMs + NEWEST * (tookMs - this.answerMs);
  }

  /** Records were sent, all that had come since the last were. */
  sent(records: number, nowMs: number): void {
    this.count += records;
    const elapsedMs = nowMs - this.countedFrom;
    if (elapsedMs < MAX_LINGER_MS) return;
    this.recordsAMs = this.count / elapsedMs;
    this.count = 0;
    this.countedFrom = nowMs;
  }

  get ms(): number {
    const lingerMs = Math.min(Math.max(this.leastMs, this.answerMs / 2), Math.max(this.leastMs, MAX_LINGER_MS));
    return this.recordsAMs * lingerMs < WORTH_WAITING_FOR ? 0 : lingerMs;
  }
}
