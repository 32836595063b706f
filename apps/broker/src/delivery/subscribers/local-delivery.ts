import {
  type Delivery,
  type GrantedSubscription,
  type OutboundMessage,
  ReasonCode,
  Router,
  type RouterLimits,
  type Subscription,
  type SubscriptionLimit,
} from '@milepost/mqtt';
import type { Access } from '../../clients/access.js';
import type { BrokerSession } from '../../sessions/broker-session.js';
import type { RetainedWalk } from './hand-out.js';
import { remaining } from './kept-hand-outs.js';

export interface SubscriptionAnswer {
  readonly reasonCodes: readonly ReasonCode[];
  /** What each was refused for, where that is a limit of ours. */
  readonly limits: readonly (SubscriptionLimit | undefined)[];
  /** The retained messages, for when SUBACK is on its way. */
  readonly retained: readonly RetainedWalk[];
}

/** Subscriptions and retained messages of this process, in memory. Organisations never meet. */
export class LocalDelivery {
  private readonly routers = new Map<string, Router<BrokerSession>>();
  /** Of all routers. */
  private readonly inAll = { subscriptions: 0 };
  private changes = 0;

  constructor(
    private readonly limits: RouterLimits,
    /** What these topics retained has expired. */
    private readonly onExpired: (organisation: string, topics: readonly string[]) => void = () => undefined,
  ) {}

  /** Another number whenever subscriptions have changed. */
  get version(): number {
    return this.changes;
  }

  get subscriptionCount(): number {
    return this.inAll.subscriptions;
  }

  get sharedSubscriptionCount(): number {
    return this.sum((router) => router.sharedSubscriptionCount);
  }

  get retainedCount(): number {
    return this.sum((router) => router.retained.size);
  }

  /** One code for each subscription, in their order (MQTT-3.8.4-6). */
  subscribe(
    session: BrokerSession,
    subscriptions: readonly Subscription[],
    identifier: number | undefined,
    access: Pick<Access, 'maySubscribe' | 'refusedFilterCode'>,
    nowMs: number,
  ): SubscriptionAnswer {
    const router = this.routerOf(session.owner.organisation);
    this.changes++;
    const outcomes = subscriptions.map((subscription) =>
      access.maySubscribe(subscription.filter)
        ? router.subscribe(session, subscription, identifier, nowMs)
        : { ok: false as const, reasonCode: access.refusedFilterCode ?? ReasonCode.NotAuthorized },
    );
    return {
      reasonCodes: outcomes.map(({ reasonCode }) => reasonCode),
      limits: outcomes.map((outcome) => ('limit' in outcome ? outcome.limit : undefined)),
      retained: outcomes.flatMap((outcome, index) => {
        const subscription = subscriptions[index];
        return outcome.ok && subscription !== undefined ? [this.walkFor(session, subscription, outcome.retained)] : [];
      }),
    };
  }

  /** What a session's record says was granted. */
  restore(session: BrokerSession, subscription: Subscription, identifier: number | undefined): void {
    this.changes++;
    this.routerOf(session.owner.organisation).restore(session, subscription, identifier);
  }

  /** What a session's record says was being handed out for one of its subscriptions. `handed`: the topics that were through. */
  restoreHandOut(session: BrokerSession, filter: string, id: string, handed: ReadonlySet<string>): void {
    const router = this.routerOf(session.owner.organisation);
    const messages = remaining(() => router.retainedOf(session, filter, performance.now()), handed);
    session.keeper?.handingOut(filter, { messages, stands: this.standing(session, filter) }, id);
  }

  restoreRetained(organisation: string, message: OutboundMessage): void {
    this.routerOf(organisation).retained.restore(message);
  }

  /** Is that copy's message still the one that its topic retains, be it the broker's own? */
  isRetained(organisation: string, { topic, payload }: OutboundMessage, nowMs: number): boolean {
    const { retained, own } = this.routerOf(organisation);
    return retained.get(topic, nowMs)?.payload === payload || own.get(topic, nowMs)?.payload === payload;
  }

  /** What the topic retains. */
  retainedOn(organisation: string, topic: string, nowMs: number): OutboundMessage | undefined {
    return this.routers.get(organisation)?.retained.get(topic, nowMs);
  }

  /** A message of the broker itself, QoS 0: kept beside the limits, and to whoever is connected. It asks for no record and is none. */
  publishOwn(organisation: string, message: OutboundMessage): void {
    const router = this.routerOf(organisation);
    router.own.restore(message);
    for (const { client, message: copy } of router.match(message, undefined)) if (client.connected) client.deliver(copy);
  }

  unsubscribe(session: BrokerSession, filters: readonly string[]): ReasonCode[] {
    const router = this.routerOf(session.owner.organisation);
    this.changes++;
    return filters.map((filter) => (router.unsubscribe(session, filter) ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted));
  }

  subscriptionsOf(session: BrokerSession): readonly GrantedSubscription[] {
    return this.routers.get(session.owner.organisation)?.subscriptionsOf(session) ?? [];
  }

  hasRoomFor(message: OutboundMessage, organisation: string, nowMs: number): boolean {
    return this.routerOf(organisation).hasRoomToRetain(message, nowMs);
  }

  /** Is there a subscription to this topic, whoever's? */
  isSubscribed(organisation: string, topic: string): boolean {
    return this.routers.get(organisation)?.isSubscribed(topic) === true;
  }

  /** As `Router.subscribedTo`. */
  subscribedTo(organisation: string, topic: string): readonly object[] {
    return this.routers.get(organisation)?.subscribedTo(topic) ?? NOBODY;
  }

  /** Who gets the message, each with its copy. */
  match(organisation: string, message: OutboundMessage, publisher: BrokerSession | undefined): readonly Delivery<BrokerSession>[] {
    return this.routers.get(organisation)?.match(message, publisher) ?? NOBODY;
  }

  /**
   * Keeps it for those who subscribe later. There was room for it when it was accepted: it is kept as well where others that were on
   * their way beside it have taken that (MQTT-3.3.1-5).
   */
  retain(organisation: string, message: OutboundMessage, nowMs: number): void {
    const router = this.routerOf(organisation);
    if (router.retain(message, nowMs) === 'full') router.retained.restore(message);
  }

  /** The session ended. */
  remove(session: BrokerSession): void {
    this.changes++;
    this.routers.get(session.owner.organisation)?.remove(session);
  }

  /** Another member of the group for a shared message that an ended session left behind. */
  reassign(organisation: string, message: OutboundMessage): Delivery<BrokerSession> | undefined {
    return this.routers.get(organisation)?.reassign(message);
  }

  private walkFor(session: BrokerSession, subscription: Subscription, messages: Iterable<OutboundMessage | undefined>): RetainedWalk {
    const { filter, qos } = subscription;
    const walk = { messages, stands: this.standing(session, filter) };
    // One that is made again and is sent no more leaves the hand-out before it be.
    const isOwn = this.routerOf(session.owner.organisation).handOutOf(session, filter)?.subscription === subscription;
    return isOwn && qos > 0 ? (session.keeper?.handingOut(filter, walk) ?? walk) : walk;
  }

  /** Is the subscription there, and has it not been made anew? */
  private standing(session: BrokerSession, filter: string): () => boolean {
    const router = this.routerOf(session.owner.organisation);
    const handOut = router.handOutOf(session, filter);
    return () => router.handOutOf(session, filter) === handOut;
  }

  private routerOf(organisation: string): Router<BrokerSession> {
    let router = this.routers.get(organisation);
    if (router === undefined) {
      router = new Router<BrokerSession>(this.limits, (topics) => this.onExpired(organisation, topics), this.inAll);
      this.routers.set(organisation, router);
    }
    return router;
  }

  private sum(of: (router: Router<BrokerSession>) => number): number {
    let total = 0;
    for (const router of this.routers.values()) total += of(router);
    return total;
  }
}

const NOBODY: readonly Delivery<BrokerSession>[] = [];
