/**
 * Notices that a consumer has had no positions to read from for so long, and has not said either why they cannot be had. Its heartbeats may go on
 * all the while: the group counts on a member that reads nothing. Times are of one monotonic clock, in milliseconds.
 */
export class Silence {
  constructor(
    private readonly mostMs: number,
    private heardAtMs: number,
  ) {}

  /** There are positions, an assignment came or went, or what keeps positions away was said. */
  heard(nowMs: number): void {
    this.heardAtMs = nowMs;
  }

  isTooLong(nowMs: number): boolean {
    return nowMs - this.heardAtMs >= this.mostMs;
  }
}
