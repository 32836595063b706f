export interface TakeOverLimits {
  /** More than this many within the window, and the client is refused. */
  maxTakeOvers: number;
  windowMs: number;
  /** How long it is then refused. */
  refusedMs: number;
}

const USUAL_LIMITS: TakeOverLimits = { maxTakeOvers: 5, windowMs: 60_000, refusedMs: 60_000 };

interface History {
  takeOversAtMs: number[];
  refusedUntilMs: number;
}

/** Two devices with one identity throw each other out for ever: after a few rounds whoever comes is refused, and who is there may stay. */
export class TakeOverLimiter {
  private readonly histories = new Map<string, History>();

  constructor(private readonly limits: TakeOverLimits = USUAL_LIMITS) {}

  takenOver(client: string, nowMs: number): void {
    const { maxTakeOvers, windowMs, refusedMs } = this.limits;
    const history = this.histories.get(client) ?? { takeOversAtMs: [], refusedUntilMs: 0 };
    this.histories.set(client, history);
    history.takeOversAtMs = history.takeOversAtMs.filter((atMs) => nowMs - atMs < windowMs);
    history.takeOversAtMs.push(nowMs);
    if (history.takeOversAtMs.length <= maxTakeOvers) return;
    history.refusedUntilMs = nowMs + refusedMs;
    history.takeOversAtMs = [];
  }

  isRefused(client: string, nowMs: number): boolean {
    const history = this.histories.get(client);
    return history !== undefined && nowMs < history.refusedUntilMs;
  }

  /** Forgets what no longer counts. */
  sweep(nowMs: number): void {
    for (const [client, { takeOversAtMs, refusedUntilMs }] of this.histories) {
      const newestMs = takeOversAtMs.at(-1) ?? Number.NEGATIVE_INFINITY;
      if (nowMs >= refusedUntilMs && nowMs - newestMs >= this.limits.windowMs) this.histories.delete(client);
    }
  }
}
