const WINDOW_MS = 60_000;

/**
 * CONNECTs of each client in the last minute: of one that hangs up as soon as it is let in, each costs records. To be asked when it is
 * known who it is, and nothing else is against it. Whoever is refused is not counted, so that a client that tries on is let in as often
 * as that a minute. What is kept ends with the minute: no more than the CONNECTs of the whole process in it.
 */
export class ClientConnectRate {
  /** When each was let in, the oldest first; the clients by their last time, likewise. */
  private readonly times = new Map<string, number[]>();

  /** `perMinute`: above 0. */
  constructor(private readonly perMinute: number) {}

  /** Clients of which something is kept. */
  get size(): number {
    return this.times.size;
  }

  /** @returns whether one more may come in, which is counted then. */
  take(client: string, nowMs: number): boolean {
    const recent = (this.times.get(client) ?? []).filter((atMs) => nowMs - atMs < WINDOW_MS);
    if (recent.length >= this.perMinute) return false;
    recent.push(nowMs);
    this.times.delete(client);
    this.times.set(client, recent);
    return true;
  }

  /** The last one of the client came to nothing, for no fault of its own. */
  giveBack(client: string): void {
    this.times.get(client)?.pop();
  }

  /** Forgets who has not come for a minute. */
  sweep(nowMs: number): void {
    for (const [client, times] of this.times) {
      if (nowMs - (times.at(-1) ?? Number.NEGATIVE_INFINITY) < WINDOW_MS) return;
      this.times.delete(client);
    }
  }
}
