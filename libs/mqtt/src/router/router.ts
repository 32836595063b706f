import type { ProtocolVersion, Subscription } from '../packets/packet.js';
import { ReasonCode } from '../packets/reason-code.js';
import type { OutboundMessage } from '../session/outbound-message.js';
import { SubscriptionTree } from '../topics/subscription-tree.js';
import { isShared, parseSharedFilter, plainFilter } from '../topics/topic-filter.js';
import { levelsOf } from '../topics/topic-name.js';
import { type GrantedSubscription, liveCopyFor, retainedCopyFor } from './granted.js';
import { type RetainedLimits, RetainedStore, type RetainOutcome } from './retained-store.js';
import { type Member, ShareGroup } from './share-group.js';
import { SubscriptionCount, type SubscriptionLimit, type SubscriptionLimits } from './subscription-count.js';

/** Whoever subscribes: a client's session, which may outlive its connection. */
export interface Subscriber {
  readonly connected: boolean;
  /** Of its connection, or of its last one. It says which options count of a subscription that was made at another: 3.1.1 knows none but QoS. */
  readonly version: ProtocolVersion;
}

export type RouterLimits = RetainedLimits & SubscriptionLimits;

export const DEFAULT_ROUTER_LIMITS: RouterLimits = {
  maxMessages: 100_000,
  maxBytes: 64 * 1024 * 1024,
  maxSubscriptionsPerSubscriber: 100,
  maxSubscriptionsInAll: 1_000_000,
  maxFilterLevels: 128,
  maxFilterBytesPerSubscriber: 600 * 1024,
};

export type SubscribeOutcome =
  | {
      readonly ok: true;
      readonly reasonCode: ReasonCode;
      /**
       * To be delivered after SUBACK. Looked up while it is walked, so that a `#` on a large store can be walked in parts; what
       * changes meanwhile is seen as it is then. Each walk begins anew.
       */
      readonly retained: Iterable<OutboundMessage | undefined>;
    }
  | { readonly ok: false; readonly reasonCode: ReasonCode; readonly limit: SubscriptionLimit };

/** A message on its way to one subscriber, for one of its subscriptions. */
export interface Delivery<Client> {
  readonly client: Client;
  readonly message: OutboundMessage;
}

type Entry<Client extends Subscriber> = Member<Client> | ShareGroup<Client>;

const NOBODY: readonly never[] = Object.freeze([]);

/**
 * Who gets a message. One router for each organisation: nothing crosses it. Overlapping subscriptions of one client get a copy
 * each, with the QoS and identifier of its own (MQTT-3.3.4-2, -5); of a shared subscription one member gets it, in turn.
 */
export class Router<Client extends Subscriber> {
  /** Plain subscriptions by client, shared ones by the name of their group. */
  private readonly tree = new SubscriptionTree<Client | string, Entry<Client>>();
  private readonly subscriptions = new Map<Client, Map<string, Member<Client>>>();
  private readonly count: SubscriptionCount<Client>;
  readonly retained: RetainedStore;
  /** The server's own retained messages, as of `$SYS`: beside those of clients, neither limited nor counted with them. */
  readonly own = new RetainedStore({ maxMessages: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY });

  /** @param onExpired as of `RetainedStore`. @param inAll one object for all routers that count together. */
  constructor(
    private readonly limits: RouterLimits = DEFAULT_ROUTER_LIMITS,
    onExpired?: (topics: readonly string[]) => void,
    inAll = { subscriptions: 0 },
  ) {
    this.retained = new RetainedStore(limits, onExpired);
    this.count = new SubscriptionCount(limits, inAll);
  }

  /** Shared ones included. */
  get subscriptionCount(): number {
    return this.count.size;
  }

  get sharedSubscriptionCount(): number {
    return this.count.sharedSize;
  }

  /**
   * Adds or replaces a subscription (MQTT-3.8.4-3) that is valid and authorised. One that its client had in an earlier connection
   * of its session is not new. Shared ones get no retained messages (MQTT 5.0 §3.8.3.1).
   */
  subscribe(client: Client, subscription: Subscription, identifier: number | undefined, now: number): SubscribeOutcome {
    const { filter, retainHandling, qos } = subscription;
    const own = this.subscriptions.get(client);
    const limit = own?.has(filter) === true ? undefined : this.count.limitFor(client, filter, own?.size ?? 0);
    if (limit !== undefined) return { ok: false, reasonCode: ReasonCode.QuotaExceeded, limit };
    const granted = { subscription, identifier };
    const isNew = this.put(client, granted);
    const wanted = !isShared(filter) && (retainHandling === 0 || (retainHandling === 1 && isNew));
    return { ok: true, reasonCode: qos, retained: wanted ? { [Symbol.iterator]: () => this.retainedFor(granted, now) } : NOBODY };
  }

  /** Puts back what a session's record says was granted, whatever the limits are now. */
  restore(client: Client, subscription: Subscription, identifier: number | undefined): void {
    this.put(client, { subscription, identifier });
  }

  /** In the order that they were first made in. */
  subscriptionsOf(client: Client): readonly GrantedSubscription[] {
    return [...(this.subscriptions.get(client)?.values() ?? [])];
  }

  /**
   * For which subscription the client gets what the filter's topics retain: the same object until it unsubscribes (MQTT-3.10.4-2), or
   * subscribes again and is to have all of it anew. A replacement that is sent none must not cost it the rest (MQTT-3.8.4-4).
   */
  handOutOf(client: Client, filter: string): GrantedSubscription | undefined {
    return this.subscriptions.get(client)?.get(filter)?.handOut;
  }

  /** What the topics of the client's subscription retain, looked up while it is walked; nothing where there is none, or a shared one. */
  retainedOf(client: Client, filter: string, now: number): Iterable<OutboundMessage | undefined> {
    const granted = this.subscriptions.get(client)?.get(filter);
    return granted === undefined || isShared(filter) ? NOBODY : this.retainedFor(granted, now);
  }

  /** False if there was no such subscription. */
  unsubscribe(client: Client, filter: string): boolean {
    const own = this.subscriptions.get(client);
    if (own?.delete(filter) !== true) return false;
    if (own.size === 0) this.subscriptions.delete(client);
    this.drop(client, filter);
    return true;
  }

  /** The client's session is over. */
  remove(client: Client): void {
    for (const filter of this.subscriptions.get(client)?.keys() ?? []) this.drop(client, filter);
    this.subscriptions.delete(client);
  }

  /** Does a filter match this topic, whoever's? */
  isSubscribed(topic: string): boolean {
    return this.tree.match(topic).length > 0;
  }

  /** What is subscribed to this topic: the same objects in the same order as long as nothing of that has changed. */
  subscribedTo(topic: string): readonly object[] {
    return this.tree.match(topic).map((entry) => (entry instanceof ShareGroup ? entry.membership : entry));
  }

  /** Who gets the message, each copy as its subscription wants it. Nothing is delivered. `publisher` counts for No Local (MQTT-3.8.3-3). */
  match(message: OutboundMessage, publisher: Client | undefined): readonly Delivery<Client>[] {
    const entries = this.tree.match(message.topic);
    if (entries.length === 0) return NOBODY;
    const deliveries: Delivery<Client>[] = [];
    for (const entry of entries) {
      const delivery = entry instanceof ShareGroup ? deliverShared(message, entry) : deliverOwn(message, entry, publisher);
      if (delivery !== undefined) deliveries.push(delivery);
    }
    return deliveries;
  }

  /** Would the message be retained within the limits? To be asked before a publisher is promised anything. Whatever removes is welcome. */
  hasRoomToRetain(message: OutboundMessage, now: number): boolean {
    const isTooDeep = message.payload.length > 0 && levelsOf(message.topic) > this.limits.maxFilterLevels;
    return !isTooDeep && this.retained.hasRoomFor(message, now);
  }

  /** Keeps the message for those who subscribe later, if it asks for it (MQTT-3.3.1-5, -8). */
  retain(message: OutboundMessage, now: number): RetainOutcome | 'no' {
    return message.retain ? this.retained.retain(message, now) : 'no';
  }

  /**
   * Another member for a shared message that a session left behind when it ended: to be called after `remove`. QoS 2 stays with
   * whom it was begun with (MQTT-4.8.2-5). The copy was made for the member before: it never gets more QoS again than that had.
   */
  reassign(message: OutboundMessage): Delivery<Client> | undefined {
    if (message.share === undefined || message.qos === 2) return undefined;
    const filter = parseSharedFilter(message.share)?.filter;
    const group = filter === undefined ? undefined : this.tree.get(filter, message.share);
    if (!(group instanceof ShareGroup)) return undefined;
    const { publishedWithRetain: retain = false, ...plain } = message;
    const { subscriptionIdentifiers: _previous, ...properties } = message.properties;
    return deliverShared({ ...plain, retain, properties }, group);
  }

  private *retainedFor(granted: GrantedSubscription, now: number): IterableIterator<OutboundMessage | undefined> {
    for (const store of [this.retained, this.own])
      for (const message of store.matching(granted.subscription.filter, now)) yield message && retainedCopyFor(message, granted);
  }

  /** True if the subscription is new. */
  private put(client: Client, granted: GrantedSubscription): boolean {
    const { subscription, identifier } = granted;
    const { filter, retainHandling } = subscription;
    const own = this.subscriptions.get(client) ?? new Map<string, Member<Client>>();
    const before = own.get(filter);
    const isNew = before === undefined;
    const handOut = isNew || retainHandling === 0 ? granted : before.handOut;
    const member: Member<Client> = { client, subscription, identifier, handOut };
    this.subscriptions.set(client, own.set(filter, member));
    if (isShared(filter)) this.groupOf(filter).set(member);
    else this.tree.set(filter, client, member);
    if (isNew) this.count.added(client, filter);
    return isNew;
  }

  private drop(client: Client, filter: string): void {
    this.count.removed(client, filter);
    if (!isShared(filter)) {
      this.tree.delete(filter, client);
      return;
    }
    const group = this.groupOf(filter);
    group.delete(client);
    if (group.empty) this.tree.delete(plainFilter(filter), filter);
  }

  private groupOf(shared: string): ShareGroup<Client> {
    const filter = plainFilter(shared);
    const known = this.tree.get(filter, shared);
    if (known instanceof ShareGroup) return known;
    const group = new ShareGroup<Client>(shared);
    this.tree.set(filter, shared, group);
    return group;
  }
}

function deliverOwn<Client extends Subscriber>(
  message: OutboundMessage,
  member: Member<Client>,
  publisher: Client | undefined,
): Delivery<Client> | undefined {
  const { client, subscription } = member;
  if (subscription.noLocal && client === publisher && client.version === 5) return undefined;
  return { client, message: liveCopyFor(message, member) };
}

function deliverShared<Client extends Subscriber>(message: OutboundMessage, group: ShareGroup<Client>): Delivery<Client> | undefined {
  const member = group.choose();
  if (member === undefined) return undefined;
  return { client: member.client, message: liveCopyFor(message, member, group.name) };
}
