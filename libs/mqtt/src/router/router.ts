import type { QoS, Subscription } from '../packets/packet.js';
import { ReasonCode } from '../packets/reason-code.js';
import type { OutboundMessage } from '../session/outbound-message.js';
import { SubscriptionTree } from '../topics/subscription-tree.js';
import { type RetainedLimits, RetainedStore, type RetainOutcome } from './retained-store.js';

export interface Subscriber {
  deliver(message: OutboundMessage): void;
}

export interface RouterLimits extends RetainedLimits {
  readonly maxSubscriptionsPerSubscriber: number;
  /** Each level of a filter costs memory: one of 64 KB may have as many thousand. */
  readonly maxFilterLevels: number;
}

export const DEFAULT_ROUTER_LIMITS: RouterLimits = {
  maxMessages: 100_000,
  maxBytes: 64 * 1024 * 1024,
  maxSubscriptionsPerSubscriber: 100,
  maxFilterLevels: 128,
};

export type SubscribeOutcome =
  | {
      readonly ok: true;
      readonly reasonCode: ReasonCode;
      /** To be delivered after SUBACK. */
      readonly retained: readonly OutboundMessage[];
    }
  | { readonly ok: false; readonly reasonCode: ReasonCode };

export interface RouteOutcome {
  /** Copies handed to subscribers. */
  readonly copies: number;
  readonly retained: RetainOutcome | 'no';
}

interface Granted {
  readonly subscription: Subscription;
  readonly identifier: number | undefined;
}

/**
 * Who gets a message. One router for each organisation: nothing crosses it. Overlapping subscriptions of one client get a copy
 * each, with the QoS and identifier of its own (MQTT-3.3.4-2, -5).
 */
export class Router<Client extends Subscriber> {
  private readonly tree = new SubscriptionTree<Client, Granted>();
  private readonly filters = new Map<Client, Set<string>>();
  readonly retained: RetainedStore;

  constructor(private readonly limits: RouterLimits = DEFAULT_ROUTER_LIMITS) {
    this.retained = new RetainedStore(limits);
  }

  get subscriptionCount(): number {
    return this.tree.size;
  }

  /** Adds or replaces a subscription (MQTT-3.8.4-3) that is valid and authorised. */
  subscribe(client: Client, subscription: Subscription, identifier: number | undefined, now: number): SubscribeOutcome {
    const filters = this.filters.get(client) ?? new Set<string>();
    const { filter, retainHandling, qos } = subscription;
    const { maxSubscriptionsPerSubscriber, maxFilterLevels } = this.limits;
    const isTooMany = !filters.has(filter) && filters.size >= maxSubscriptionsPerSubscriber;
    if (isTooMany || filter.split('/', maxFilterLevels + 1).length > maxFilterLevels) {
      return { ok: false, reasonCode: ReasonCode.QuotaExceeded };
    }
    filters.add(filter);
    this.filters.set(client, filters);
    const granted: Granted = { subscription, identifier };
    const isNew = this.tree.set(filter, client, granted);
    const wanted = retainHandling === 0 || (retainHandling === 1 && isNew);
    const retained = wanted ? this.retained.matching(filter, now).map((message) => copyFor(message, granted, true)) : [];
    return { ok: true, reasonCode: qos, retained };
  }

  /** False if there was no such subscription. */
  unsubscribe(client: Client, filter: string): boolean {
    const filters = this.filters.get(client);
    if (filters?.delete(filter) !== true) return false;
    if (filters.size === 0) this.filters.delete(client);
    return this.tree.delete(filter, client);
  }

  /** The client's session is over. */
  remove(client: Client): void {
    for (const filter of this.filters.get(client) ?? []) this.tree.delete(filter, client);
    this.filters.delete(client);
  }

  /** Retains the message if it asks for it, and delivers it to whoever subscribed. `publisher` counts for No Local. */
  publish(message: OutboundMessage, publisher: Client | undefined, now: number): RouteOutcome {
    const retained = message.retain ? this.retained.retain(message, now) : 'no';
    // Collected first: a delivery may end a connection, and with it subscriptions.
    const receivers: [Client, Granted][] = [];
    this.tree.match(message.topic, (client, granted) => {
      if (granted.subscription.noLocal && client === publisher) return;
      receivers.push([client, granted]);
    });
    for (const [client, granted] of receivers) {
      client.deliver(copyFor(message, granted, granted.subscription.retainAsPublished && message.retain));
    }
    return { copies: receivers.length, retained };
  }
}

/** The message as one subscription gets it; the message itself where nothing differs. */
function copyFor(message: OutboundMessage, { subscription, identifier }: Granted, retain: boolean): OutboundMessage {
  const qos = Math.min(message.qos, subscription.qos) as QoS;
  if (identifier !== undefined) {
    return { ...message, qos, retain, properties: { ...message.properties, subscriptionIdentifiers: [identifier] } };
  }
  return qos === message.qos && retain === message.retain ? message : { ...message, qos, retain };
}
