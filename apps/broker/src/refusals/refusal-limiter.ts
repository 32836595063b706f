import { TokenBucket } from '../limits/token-bucket.js';

export interface RefusalLimits {
  /** Of one kind at most one record in this time, with a count. */
  windowMs: number;
  /** Records of all kinds together. */
  perSecond: number;
  /** Kinds that are remembered; what comes on top is not recorded, only counted. */
  maxKinds: number;
}

const refusalLimits: RefusalLimits = { windowMs: 10_000, perSecond: 100, maxKinds: 10_000 };

interface Kind<T> {
  latest: T;
  /** Attempts not recorded yet. */
  pending: number;
  /** No record of this kind before. */
  quietUntilMs: number;
}

/** Thins out refused attempts: the first of a kind is recorded at once, those after it together at the end of each window. */
export class RefusalLimiter<T> {
  private readonly kinds = new Map<string, Kind<T>>();
  private readonly bucket: TokenBucket;

  constructor(
    private readonly emit: (attempt: T, count: number) => void,
    nowMs: number,
    private readonly limits: RefusalLimits = refusalLimits,
  ) {
    this.bucket = new TokenBucket(limits.perSecond, limits.perSecond, nowMs);
  }

  /** @returns false when the attempt will never be recorded, as too many kinds are remembered. */
  add(kind: string, attempt: T, nowMs: number): boolean {
    const known = this.kinds.get(kind);
    if (known === undefined && this.kinds.size >= this.limits.maxKinds) return false;
    const entry = known ?? { latest: attempt, pending: 0, quietUntilMs: nowMs };
    if (known === undefined) this.kinds.set(kind, entry);
    entry.latest = attempt;
    entry.pending += 1;
    this.emitIfDue(entry, nowMs);
    return true;
  }

  /** Records what windows held back and forgets kinds that have been quiet. To be called about once a second. */
  sweep(nowMs: number): void {
    for (const [kind, entry] of this.kinds) {
      if (nowMs < entry.quietUntilMs) continue;
      if (entry.pending === 0) this.kinds.delete(kind);
      else this.emitIfDue(entry, nowMs);
    }
  }

  /** Everything held back, at the end of the process. */
  flush(): void {
    for (const { latest, pending } of this.kinds.values()) if (pending > 0) this.emit(latest, pending);
    this.kinds.clear();
  }

  private emitIfDue(entry: Kind<T>, nowMs: number): void {
    if (nowMs < entry.quietUntilMs || !this.bucket.take(nowMs)) return;
    const count = entry.pending;
    entry.pending = 0;
    entry.quietUntilMs = nowMs + this.limits.windowMs;
    this.emit(entry.latest, count);
  }
}
