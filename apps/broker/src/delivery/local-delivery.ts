import { messageOf, type OutboundMessage, ReasonCode, Router, type RouterLimits, type Subscriber, type Subscription } from '@milepost/mqtt';
import type { Message } from '../bridge/message.js';

/** A subscriber that messages are handed to at once. */
export interface LiveSubscriber extends Subscriber {
  deliver(message: OutboundMessage): void;
}

export interface SubscriptionAnswer {
  readonly reasonCodes: readonly ReasonCode[];
  /** Hands over the retained messages: to be called when SUBACK is on its way. */
  deliverRetained(): void;
}

/** Subscriptions and retained messages of this process, in memory. Organisations never meet. */
export class LocalDelivery<Client extends LiveSubscriber> {
  private readonly routers = new Map<string, Router<Client>>();

  constructor(private readonly limits: RouterLimits) {}

  get subscriptionCount(): number {
    return this.sum((router) => router.subscriptionCount);
  }

  get retainedCount(): number {
    return this.sum((router) => router.retained.size);
  }

  /** One code for each subscription, in their order (MQTT-3.8.4-6). */
  subscribe(
    client: Client,
    organisation: string,
    subscriptions: readonly Subscription[],
    identifier: number | undefined,
    maySubscribe: (filter: string) => boolean,
    nowMs: number,
  ): SubscriptionAnswer {
    const router = this.routerOf(organisation);
    const outcomes = subscriptions.map((subscription) =>
      maySubscribe(subscription.filter)
        ? router.subscribe(client, subscription, identifier, nowMs)
        : { ok: false as const, reasonCode: ReasonCode.NotAuthorized },
    );
    return {
      reasonCodes: outcomes.map(({ reasonCode }) => reasonCode),
      deliverRetained: () => {
        for (const outcome of outcomes) if (outcome.ok) for (const message of outcome.retained) client.deliver(message);
      },
    };
  }

  unsubscribe(client: Client, organisation: string, filters: readonly string[]): ReasonCode[] {
    const router = this.routerOf(organisation);
    return filters.map((filter) => (router.unsubscribe(client, filter) ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted));
  }

  hasRoomFor(message: Message, organisation: string, nowMs: number): boolean {
    return this.routerOf(organisation).retained.hasRoomFor(messageOf(message as Parameters<typeof messageOf>[0], nowMs), nowMs);
  }

  /** Once it is durable: retained if it asks for it, and handed to whoever subscribed. */
  publish(message: Message, publisher: Client | undefined, organisation: string, nowMs: number): void {
    const router = this.routers.get(organisation);
    if (router === undefined && !message.retain) return;
    const routed = messageOf(message as Parameters<typeof messageOf>[0], nowMs);
    this.routerOf(organisation).retain(routed, nowMs);
    for (const delivery of this.routerOf(organisation).match(routed, publisher)) delivery.client.deliver(delivery.message);
  }

  /** The client's session ended. */
  remove(client: Client, organisation: string): void {
    this.routers.get(organisation)?.remove(client);
  }

  private routerOf(organisation: string): Router<Client> {
    let router = this.routers.get(organisation);
    if (router === undefined) {
      router = new Router<Client>(this.limits);
      this.routers.set(organisation, router);
    }
    return router;
  }

  private sum(of: (router: Router<Client>) => number): number {
    let total = 0;
    for (const router of this.routers.values()) total += of(router);
    return total;
  }
}
