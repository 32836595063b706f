import { TokenBucket } from '../limits/token-bucket.js';

/** Of one client; 0: as many as come. A burst of one second's worth is let through. */
export interface ReadRateLimits {
  readonly packetsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** A client that sent more than this is not read for so long. */
export interface Excess {
  readonly limit: 'packet_rate' | 'byte_rate';
  readonly waitMs: number;
}

/** How fast one client is read. Judged once for each read, by what was in it. */
export class ReadRate {
  private readonly packets: TokenBucket | undefined;
  private readonly bytes: TokenBucket | undefined;

  /** @returns undefined when nothing is limited, so that an unlimited client costs nothing. */
  static of(limits: ReadRateLimits | undefined, nowMs: number): ReadRate | undefined {
    return limits === undefined || (limits.packetsPerSecond === 0 && limits.bytesPerSecond === 0) ? undefined : new ReadRate(limits, nowMs);
  }

  private constructor({ packetsPerSecond, bytesPerSecond }: ReadRateLimits, nowMs: number) {
    this.packets = packetsPerSecond === 0 ? undefined : new TokenBucket(packetsPerSecond, packetsPerSecond, nowMs);
    this.bytes = bytesPerSecond === 0 ? undefined : new TokenBucket(bytesPerSecond, bytesPerSecond, nowMs);
  }

  /** Counts what was read. @returns undefined: read on. */
  spend(bytes: number, packets: number, nowMs: number): Excess | undefined {
    const forBytesMs = this.bytes?.spend(bytes, nowMs) ?? 0;
    const forPacketsMs = this.packets?.spend(packets, nowMs) ?? 0;
    if (forBytesMs === 0 && forPacketsMs === 0) return undefined;
    return forPacketsMs > forBytesMs ? { limit: 'packet_rate', waitMs: forPacketsMs } : { limit: 'byte_rate', waitMs: forBytesMs };
  }
}
