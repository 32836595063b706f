/** A timer that fires this much after it was due tells of a stall of the process, not of the peer. */
export const STALL_MS = 250;

/**
 * Time within which the client must be heard. It stands still while we do not read, and a stall of ours is never counted
 * against the client: what was sent in time may still lie unread.
 */
export class Deadline {
  private heardAt: number;
  private pausedAt: number | undefined;

  /** `limitMs` 0: never. */
  constructor(
    private readonly limitMs: number,
    now: number,
  ) {
    this.heardAt = now;
  }

  get dueAt(): number {
    return this.limitMs === 0 || this.pausedAt !== undefined ? Number.POSITIVE_INFINITY : this.heardAt + this.limitMs;
  }

  heard(now: number): void {
    this.heardAt = now;
  }

  pause(now: number): void {
    this.pausedAt ??= now;
  }

  /** Starts anew: what the client sent meanwhile is about to be read. */
  resume(now: number): void {
    if (this.pausedAt === undefined) return;
    this.pausedAt = undefined;
    this.heardAt = now;
  }

  isOver(now: number): boolean {
    const lateMs = now - this.dueAt;
    if (lateMs < 0) return false;
    if (lateMs <= STALL_MS) return true;
    // We were late to look. Read what has arrived first, then look again: on time, it is over then.
    this.heardAt += lateMs + STALL_MS;
    return false;
  }
}
