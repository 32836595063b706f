import type { ProtocolVersion, Subscribe, Subscription, Unsubscribe } from '../packets/packet.js';
import { NO_PROPERTIES } from '../packets/properties.js';
import { ReasonCode } from '../packets/reason-code.js';
import { hasWildcard, isShared, isTopicFilter } from '../topics/topic-filter.js';
import type { ClientHost } from './client-host.js';
import type { ConnectionOptions } from './interface/connection-options.js';
import type { SubscribeToken, UnsubscribeToken } from './interface/subscription-tokens.js';

/** SUBSCRIBEs and UNSUBSCRIBEs that may wait for the broker's answer before nothing more is read. */
const MAX_PENDING = 16;

interface Request extends SubscribeToken, UnsubscribeToken {
  readonly packetId: number;
  /** A code for each filter of the packet, in its order (MQTT-3.8.4-6); undefined: the broker's to give. */
  readonly reasonCodes: (ReasonCode | undefined)[];
}

/** SUBSCRIBE and UNSUBSCRIBE: each filter is judged alone, and each packet answered once the broker has judged the rest. */
export class SubscriptionRequests {
  private pending = 0;

  constructor(
    private readonly version: ProtocolVersion,
    private readonly options: ConnectionOptions,
    private readonly host: ClientHost,
  ) {}

  get full(): boolean {
    return this.pending >= MAX_PENDING;
  }

  subscribe(packet: Subscribe): void {
    const identifier = packet.properties.subscriptionIdentifiers?.[0];
    if (this.refuseMalformed(packet.subscriptions.map((each) => each.filter))) return;
    const reasonCodes = packet.subscriptions.map((each) => this.refusalOf(each, identifier));
    const request: Request = { packetId: packet.packetId, reasonCodes };
    this.pending++;
    const open = packet.subscriptions.filter((_, index) => reasonCodes[index] === undefined).map((each) => this.limited(each));
    if (open.length === 0) this.settleSubscribe(request, []);
    else this.host.effects.subscribe(open, identifier, request);
  }

  settleSubscribe(token: SubscribeToken, granted: readonly ReasonCode[]): void {
    const { packetId, reasonCodes } = token as Request;
    this.pending--;
    this.host.send({ type: 'suback', packetId, reasonCodes: filledWith(granted, reasonCodes), properties: NO_PROPERTIES });
  }

  unsubscribe(packet: Unsubscribe): void {
    if (this.refuseMalformed(packet.filters)) return;
    const reasonCodes = packet.filters.map((filter) => (isTopicFilter(filter) ? undefined : ReasonCode.TopicFilterInvalid));
    const request: Request = { packetId: packet.packetId, reasonCodes };
    this.pending++;
    const open = packet.filters.filter((_, index) => reasonCodes[index] === undefined);
    if (open.length === 0) this.settleUnsubscribe(request, []);
    else this.host.effects.unsubscribe(open, request);
  }

  settleUnsubscribe(token: UnsubscribeToken, outcomes: readonly ReasonCode[]): void {
    const { packetId, reasonCodes } = token as Request;
    this.pending--;
    this.host.send({ type: 'unsuback', packetId, reasonCodes: filledWith(outcomes, reasonCodes), properties: NO_PROPERTIES });
  }

  /** 3.1.1 cannot be told which filter was wrong: it is closed. */
  private refuseMalformed(filters: readonly string[]): boolean {
    if (this.version === 5 || filters.every(isTopicFilter)) return false;
    this.host.fail(ReasonCode.TopicFilterInvalid, 'a wildcard that does not fill its level (MQTT-4.7.1-1, -2)');
    return true;
  }

  private refusalOf({ filter }: Subscription, identifier: number | undefined): ReasonCode | undefined {
    const { options } = this;
    if (!isTopicFilter(filter)) return ReasonCode.TopicFilterInvalid;
    if (isShared(filter) && !options.sharedSubscriptionsAvailable) return ReasonCode.SharedSubscriptionsNotSupported;
    if (identifier !== undefined && !options.subscriptionIdentifiersAvailable) return ReasonCode.SubscriptionIdentifiersNotSupported;
    if (hasWildcard(filter) && !options.wildcardSubscriptionsAvailable) return ReasonCode.WildcardSubscriptionsNotSupported;
    return undefined;
  }

  private limited(subscription: Subscription): Subscription {
    const { maximumQoS } = this.options;
    return subscription.qos > maximumQoS ? { ...subscription, qos: maximumQoS } : subscription;
  }
}

/** The broker's codes in the places that were left to it. */
function filledWith(given: readonly ReasonCode[], reasonCodes: readonly (ReasonCode | undefined)[]): ReasonCode[] {
  let next = 0;
  return reasonCodes.map((code) => code ?? given[next++] ?? ReasonCode.UnspecifiedError);
}
