import type { ClientKind } from '../clients/client-key.js';
import { TokenBucket } from './token-bucket.js';

/**
 * Parts of the rate that nobody else can use up. Anybody may knock at the operators' door, so what comes there must leave room for
 * vehicles, and a fleet that comes back at once room for who looks after it.
 */
const RESERVED: Partial<Record<ClientKind, number>> = { vehicle: 3 / 4, operator: 1 / 8 };

/**
 * CONNECTs of the whole process: at most so many a second, and as many in a burst. Each kind of client has a part to itself, and what
 * nobody has to himself goes to whoever comes first.
 */
export class ConnectRate {
  private readonly all: TokenBucket;
  private readonly reserved: ReadonlyMap<ClientKind, TokenBucket>;

  /** `perSecond`: above 0. */
  constructor(perSecond: number, nowMs: number) {
    this.all = new TokenBucket(perSecond, perSecond, nowMs);
    const parts = Object.entries(RESERVED) as [ClientKind, number][];
    // A part of less than one would be kept from the others, and be of no use to its own.
    const useful = parts.map(([kind, part]): [ClientKind, number] => [kind, part * perSecond]).filter(([, rate]) => rate >= 1);
    this.reserved = new Map(useful.map(([kind, rate]) => [kind, new TokenBucket(rate, rate, nowMs)]));
  }

  /** @returns whether one more may come in. */
  take(kind: ClientKind, nowMs: number): boolean {
    if (this.reserved.get(kind)?.take(nowMs) === true) return this.all.take(nowMs);
    // The reserves are filled more slowly than the whole, and whoever spends one spends of the whole too: they are always in it.
    let reserved = 0;
    for (const bucket of this.reserved.values()) reserved += bucket.available(nowMs);
    return this.all.available(nowMs) - reserved >= 1 && this.all.take(nowMs);
  }
}
