import { TokenBucket } from '../limits/token-bucket.js';
import type { ReadRateLimits, SharedExcess, SharedReadRate } from './shared-read-rate.js';

/** A client that sent more than this is not read for so long. */
export interface Excess {
  readonly limit: 'packet_rate' | 'byte_rate' | SharedExcess['limit'];
  readonly waitMs: number;
}

const UNLIMITED: ReadRateLimits = { packetsPerSecond: 0, bytesPerSecond: 0 };

/** How fast one client is read, by its own limits and by those of all. Judged once for each read, by what was in it. */
export class ReadRate {
  private readonly packets: TokenBucket | undefined;
  private readonly bytes: TokenBucket | undefined;

  /** @returns undefined when nothing is limited, so that an unlimited client costs nothing. */
  static of(limits: ReadRateLimits = UNLIMITED, inAll: SharedReadRate | undefined, nowMs: number): ReadRate | undefined {
    const isLimited = limits.packetsPerSecond > 0 || limits.bytesPerSecond > 0 || inAll !== undefined;
    return isLimited ? new ReadRate(limits, inAll, nowMs) : undefined;
  }

  private constructor(
    { packetsPerSecond, bytesPerSecond }: ReadRateLimits,
    private readonly inAll: SharedReadRate | undefined,
    nowMs: number,
  ) {
    this.packets = packetsPerSecond === 0 ? undefined : new TokenBucket(packetsPerSecond, packetsPerSecond, nowMs);
    this.bytes = bytesPerSecond === 0 ? undefined : new TokenBucket(bytesPerSecond, bytesPerSecond, nowMs);
  }

  /** Counts what was read. @returns undefined: read on. */
  spend(bytes: number, packets: number, nowMs: number): Excess | undefined {
    const own = this.spendOwn(bytes, packets, nowMs);
    const shared = this.inAll?.spend(this, bytes, packets, nowMs);
    return shared !== undefined && (own === undefined || shared.waitMs > own.waitMs) ? shared : own;
  }

  /** Its wait is over, or the client is gone. */
  waited(): void {
    this.inAll?.paid(this);
  }

  private spendOwn(bytes: number, packets: number, nowMs: number): Excess | undefined {
    const forBytesMs = this.bytes?.spend(bytes, nowMs) ?? 0;
    const forPacketsMs = this.packets?.spend(packets, nowMs) ?? 0;
    if (forBytesMs === 0 && forPacketsMs === 0) return undefined;
    return forPacketsMs > forBytesMs ? { limit: 'packet_rate', waitMs: forPacketsMs } : { limit: 'byte_rate', waitMs: forBytesMs };
  }
}
