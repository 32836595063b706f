import { TokenBucket } from '../limits/token-bucket.js';

export interface RefusalLimits {
  /** Of one kind at most one record in this time, with a count. */
  windowMs: number;
  /** Records of all kinds together. */
  perSecond: number;
  /** Kinds that are remembered; what comes on top is not recorded, only counted. */
  maxKinds: number;
  /** Of these, from one place: who comes with a new name each time leaves room for the others. As many as are recorded in a window. */
  maxKindsFrom: number;
}

const refusalLimits: RefusalLimits = { windowMs: 10_000, perSecond: 100, maxKinds: 10_000, maxKindsFrom: 1_000 };

interface Kind<T> {
  readonly from: string;
  latest: T;
  /** Attempts not recorded yet. */
  pending: number;
  /** No record of this kind before. */
  quietUntilMs: number;
}

/** Thins out refused attempts: the first of a kind is recorded at once, those after it together at the end of each window. */
export class RefusalLimiter<T> {
  private readonly kinds = new Map<string, Kind<T>>();
  private readonly kindsFrom = new Map<string, number>();
  private readonly bucket: TokenBucket;

  constructor(
    private readonly emit: (attempt: T, count: number) => void,
    nowMs: number,
    private readonly limits: RefusalLimits = refusalLimits,
  ) {
    this.bucket = new TokenBucket(limits.perSecond, limits.perSecond, nowMs);
  }

  /** `from`: where it comes from. @returns false when the attempt will never be recorded, as too many kinds are remembered. */
  add(kind: string, from: string, attempt: T, nowMs: number): boolean {
    const known = this.kinds.get(kind);
    if (known === undefined && !this.hasRoomFor(from)) return false;
    const entry = known ?? { from, latest: attempt, pending: 0, quietUntilMs: nowMs };
    if (known === undefined) this.remember(kind, entry);
    entry.latest = attempt;
    entry.pending += 1;
    this.emitIfDue(entry, nowMs);
    return true;
  }

  /** Records what windows held back and forgets kinds that have been quiet. To be called about once a second. */
  sweep(nowMs: number): void {
    for (const [kind, entry] of this.kinds) {
      if (nowMs < entry.quietUntilMs) continue;
      if (entry.pending === 0) this.forget(kind, entry);
      else this.emitIfDue(entry, nowMs);
    }
  }

  /** Everything held back, at the end of the process. */
  flush(): void {
    for (const { latest, pending } of this.kinds.values()) if (pending > 0) this.emit(latest, pending);
    this.kinds.clear();
    this.kindsFrom.clear();
  }

  private hasRoomFor(from: string): boolean {
    const { maxKinds, maxKindsFrom } = this.limits;
    return this.kinds.size < maxKinds && (this.kindsFrom.get(from) ?? 0) < maxKindsFrom;
  }

  private remember(kind: string, entry: Kind<T>): void {
    this.kinds.set(kind, entry);
    this.kindsFrom.set(entry.from, (this.kindsFrom.get(entry.from) ?? 0) + 1);
  }

  private forget(kind: string, { from }: Kind<T>): void {
    this.kinds.delete(kind);
    const left = (this.kindsFrom.get(from) ?? 0) - 1;
    if (left > 0) this.kindsFrom.set(from, left);
    else this.kindsFrom.delete(from);
  }

  private emitIfDue(entry: Kind<T>, nowMs: number): void {
    if (nowMs < entry.quietUntilMs || !this.bucket.take(nowMs)) return;
    const count = entry.pending;
    entry.pending = 0;
    entry.quietUntilMs = nowMs + this.limits.windowMs;
    this.emit(entry.latest, count);
  }
}
