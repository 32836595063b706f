import { presenceTimes } from '@milepost/contracts';

/** An ended connection's id: it never opens again. */
export interface ClosedConnection {
  id: string;
  vehicle: number;
  /** Log time. */
  atMs: number;
}

/** Ids of ended connections, for 24 h of log time. */
export class ClosedConnections {
  readonly #closedAtMs = new Map<string, number>();

  get size(): number {
    return this.#closedAtMs.size;
  }

  add(id: string, atMs: number): void {
    this.#closedAtMs.set(id, atMs);
  }

  has(id: string): boolean {
    return this.#closedAtMs.has(id);
  }

  *all(): Generator<Pick<ClosedConnection, 'id' | 'atMs'>> {
    for (const [id, atMs] of this.#closedAtMs) yield { id, atMs };
  }

  /** Ids were added in the order of the log, so the oldest stand first. */
  forget(logTimeMs: number): void {
    for (const [id, atMs] of this.#closedAtMs) {
      if (logTimeMs - atMs < presenceTimes.closedConnectionMs) return;
      this.#closedAtMs.delete(id);
    }
  }
}
