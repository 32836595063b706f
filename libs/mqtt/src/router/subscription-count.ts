import { isShared, plainFilter } from '../topics/topic-filter.js';
import { levelsOf } from '../topics/topic-name.js';

export interface SubscriptionLimits {
  readonly maxSubscriptionsPerSubscriber: number;
  /** Of all subscribers of all routers that count together. */
  readonly maxSubscriptionsInAll: number;
  /** Each level of a filter, and of a topic that retains something, costs memory: one of 64 KB may have as many thousand. */
  readonly maxFilterLevels: number;
  /** Of all its filters, as they stand in one record of a session (JSON), with 110 bytes for what else is said of each. */
  readonly maxFilterBytesPerSubscriber: number;
}

/** The limit that a further subscription would exceed. */
export type SubscriptionLimit = keyof SubscriptionLimits;

/** Quality, options and identifier of a subscription as JSON. */
const SUBSCRIPTION_BYTES = 110;

/** How many subscriptions there are, and what they take, against the limits. */
export class SubscriptionCount<Client> {
  /** As `maxFilterBytesPerSubscriber` counts. */
  private readonly filterBytes = new Map<Client, number>();
  private count = 0;
  private shared = 0;

  /** @param inAll one object for all that count together. */
  constructor(
    private readonly limits: SubscriptionLimits,
    private readonly inAll: { subscriptions: number },
  ) {}

  /** Shared ones included. */
  get size(): number {
    return this.count;
  }

  get sharedSize(): number {
    return this.shared;
  }

  /** Which limit one more would exceed. `own`: how many the client has. */
  limitFor(client: Client, filter: string, own: number): SubscriptionLimit | undefined {
    const { maxSubscriptionsPerSubscriber, maxFilterLevels, maxFilterBytesPerSubscriber } = this.limits;
    if (own >= maxSubscriptionsPerSubscriber) return 'maxSubscriptionsPerSubscriber';
    if (levelsOf(plainFilter(filter)) > maxFilterLevels) return 'maxFilterLevels';
    const bytes = (this.filterBytes.get(client) ?? 0) + recordBytes(filter);
    if (bytes > maxFilterBytesPerSubscriber) return 'maxFilterBytesPerSubscriber';
    return this.inAll.subscriptions >= this.limits.maxSubscriptionsInAll ? 'maxSubscriptionsInAll' : undefined;
  }

  added(client: Client, filter: string): void {
    this.counted(filter, 1);
    this.filterBytes.set(client, (this.filterBytes.get(client) ?? 0) + recordBytes(filter));
  }

  removed(client: Client, filter: string): void {
    this.counted(filter, -1);
    const bytes = (this.filterBytes.get(client) ?? 0) - recordBytes(filter);
    if (bytes > 0) this.filterBytes.set(client, bytes);
    else this.filterBytes.delete(client);
  }

  private counted(filter: string, change: 1 | -1): void {
    this.count += change;
    this.inAll.subscriptions += change;
    if (isShared(filter)) this.shared += change;
  }
}

/** What a subscription takes in its session's record, about. */
function recordBytes(filter: string): number {
  return Buffer.byteLength(JSON.stringify(filter)) + SUBSCRIPTION_BYTES;
}
