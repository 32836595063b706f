import { TokenBucket } from '../limits/token-bucket.js';

/** Of one client, or of all; 0: as many as come. A burst of one second's worth is let through. */
export interface ReadRateLimits {
  readonly packetsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** Somebody sent while more was read of all than may be, and is not read for so long. */
export interface SharedExcess {
  readonly limit: 'packet_rate_all' | 'byte_rate_all';
  readonly waitMs: number;
}

/**
 * How fast all clients together are read; a burst of one second's worth is let through. What is read beyond is owed, and each pays off
 * its own reads alone: in equal shares with those who wait by then, and never longer than until nothing is owed. So one who sends less
 * than its share is held up no longer than its own reads take at that, however much others have sent in one read; one who sends more is
 * slowed down to it; nobody's wait grows by what comes later. The rate holds on average: when many begin at once, the first to wait
 * reckon with fewer than there are at last, and one read of each is taken before it waits.
 */
export class SharedReadRate {
  private readonly packets: TokenBucket | undefined;
  private readonly bytes: TokenBucket | undefined;
  /** Who waits, until when. */
  private readonly paying = new Map<object, number>();

  /** @returns undefined when nothing is limited, so that it costs nothing. */
  static of({ packetsPerSecond, bytesPerSecond }: ReadRateLimits, nowMs: number): SharedReadRate | undefined {
    return packetsPerSecond === 0 && bytesPerSecond === 0 ? undefined : new SharedReadRate({ packetsPerSecond, bytesPerSecond }, nowMs);
  }

  private constructor({ packetsPerSecond, bytesPerSecond }: ReadRateLimits, nowMs: number) {
    this.packets = packetsPerSecond === 0 ? undefined : new TokenBucket(packetsPerSecond, packetsPerSecond, nowMs);
    this.bytes = bytesPerSecond === 0 ? undefined : new TokenBucket(bytesPerSecond, bytesPerSecond, nowMs);
  }

  /** Counts what was read of `payer`, who waits until `paid` is called. @returns undefined: read on. */
  spend(payer: object, bytes: number, packets: number, nowMs: number): SharedExcess | undefined {
    const payers = this.paying.size + (this.paying.has(payer) ? 0 : 1);
    const forBytesMs = shareOf(this.bytes, bytes, payers, nowMs);
    const forPacketsMs = shareOf(this.packets, packets, payers, nowMs);
    const ownMs = Math.max(forBytesMs, forPacketsMs);
    if (ownMs === 0) return undefined;
    // What came in spite of its wait is paid after what came before it.
    const untilMs = Math.max(this.paying.get(payer) ?? 0, nowMs) + ownMs;
    this.paying.set(payer, untilMs);
    return { limit: forPacketsMs > forBytesMs ? 'packet_rate_all' : 'byte_rate_all', waitMs: untilMs - nowMs };
  }

  /** It is read again, or gone. */
  paid(payer: object): void {
    this.paying.delete(payer);
  }
}

function shareOf(bucket: TokenBucket | undefined, amount: number, payers: number, nowMs: number): number {
  if (bucket === undefined) return 0;
  const owedMs = bucket.spend(amount, nowMs);
  return Math.min(owedMs, bucket.fillingMs(amount) * payers);
}
