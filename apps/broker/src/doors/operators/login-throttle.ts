export interface LoginThrottleLimits {
  /** More failures of one address than this within the window, and it is refused without a look at its password. */
  maxFailures: number;
  windowMs: number;
  /** Addresses that are remembered; the one that failed longest ago is forgotten first. */
  maxAddresses: number;
}

const loginThrottleLimits: LoginThrottleLimits = { maxFailures: 10, windowMs: 60_000, maxAddresses: 10_000 };

interface Failures {
  count: number;
  sinceMs: number;
}

/** Slows down whoever guesses passwords, by the address that the guesses come from. Times are `performance.now`. */
export class LoginThrottle {
  private readonly failures = new Map<string, Failures>();

  constructor(private readonly limits: LoginThrottleLimits = loginThrottleLimits) {}

  isRefused(address: string, nowMs: number): boolean {
    return (this.current(address, nowMs)?.count ?? 0) >= this.limits.maxFailures;
  }

  failed(address: string, nowMs: number): void {
    const known = this.current(address, nowMs);
    this.failures.delete(address);
    this.failures.set(address, known === undefined ? { count: 1, sinceMs: nowMs } : { ...known, count: known.count + 1 });
    if (this.failures.size <= this.limits.maxAddresses) return;
    for (const oldest of this.failures.keys()) {
      this.failures.delete(oldest);
      return;
    }
  }

  private current(address: string, nowMs: number): Failures | undefined {
    const known = this.failures.get(address);
    if (known === undefined || nowMs - known.sinceMs < this.limits.windowMs) return known;
    this.failures.delete(address);
    return undefined;
  }
}
