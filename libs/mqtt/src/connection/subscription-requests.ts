import type { ProtocolVersion, Subscribe, Subscription, Unsubscribe } from '../packets/packet.js';
import { NO_PROPERTIES } from '../packets/properties.js';
import { ReasonCode } from '../packets/reason-code.js';
import { hasWildcard, isPlainFilter, isShared, isTopicFilter } from '../topics/topic-filter.js';
import type { ClientHost } from './client-host.js';
import type { Refusal } from './connect-rules.js';
import type { ConnectionOptions } from './interface/connection-options.js';
import type { SubscribeToken, UnsubscribeToken } from './interface/subscription-tokens.js';
import { ownCode } from './own-code.js';

/** SUBSCRIBEs and UNSUBSCRIBEs that may wait for the broker's answer before nothing more is read. */
const MAX_PENDING = 16;

interface Request extends SubscribeToken, UnsubscribeToken {
  readonly packetId: number;
  /** For each filter of the packet, in its order (MQTT-3.8.4-6); undefined: the broker's to judge. */
  readonly refusals: readonly (Refusal | undefined)[];
}

/** SUBSCRIBE and UNSUBSCRIBE: each filter is judged alone, and each packet answered once the broker has judged the rest. */
export class SubscriptionRequests {
  private pending = 0;

  constructor(
    private readonly version: ProtocolVersion,
    /** False: an answer has its codes and nothing else (MQTT-3.1.2-29). */
    private readonly explains: boolean,
    private readonly options: ConnectionOptions,
    private readonly host: ClientHost,
  ) {}

  get full(): boolean {
    return this.pending >= MAX_PENDING;
  }

  subscribe(packet: Subscribe): void {
    const identifier = packet.properties.subscriptionIdentifiers?.[0];
    if (this.refuseMalformed(packet.subscriptions.map((each) => each.filter))) return;
    const refusals = packet.subscriptions.map((each) => this.refusalOf(each, identifier));
    const request: Request = { packetId: packet.packetId, refusals };
    this.pending++;
    const open = packet.subscriptions.filter((_, index) => refusals[index] === undefined).map((each) => this.limited(each));
    if (open.length === 0) this.settleSubscribe(request, []);
    else this.host.effects.subscribe(open, identifier, request);
  }

  settleSubscribe(token: SubscribeToken, granted: readonly ReasonCode[], details?: readonly (string | undefined)[]): void {
    this.answer('suback', token as Request, granted, details);
  }

  unsubscribe(packet: Unsubscribe): void {
    if (this.refuseMalformed(packet.filters)) return;
    const refusals = packet.filters.map((filter) => (isTopicFilter(filter) ? undefined : NO_FILTER));
    const request: Request = { packetId: packet.packetId, refusals };
    this.pending++;
    const open = packet.filters.filter((_, index) => refusals[index] === undefined);
    if (open.length === 0) this.settleUnsubscribe(request, []);
    else this.host.effects.unsubscribe(open, request);
  }

  settleUnsubscribe(token: UnsubscribeToken, outcomes: readonly ReasonCode[]): void {
    this.answer('unsuback', token as Request, outcomes);
  }

  /** The broker's codes go into the places that were left to it. There is one reason string for all: it tells of the first that was refused. */
  private answer(
    type: 'suback' | 'unsuback',
    { packetId, refusals }: Request,
    given: readonly ReasonCode[],
    details: readonly (string | undefined)[] = [],
  ): void {
    this.pending--;
    let next = 0;
    const answers = refusals.map((refusal) => {
      if (refusal !== undefined) return refusal;
      const place = next++;
      return { reasonCode: given[place] ?? ReasonCode.UnspecifiedError, detail: details[place] };
    });
    const first = answers.findIndex(({ detail }) => detail !== undefined);
    const properties = this.explains && first >= 0 ? { reasonString: `filter ${first + 1}: ${answers[first]?.detail}` } : NO_PROPERTIES;
    this.host.send({ type, packetId, reasonCodes: answers.map(({ reasonCode }) => ownCode(type, reasonCode)), properties });
  }

  /** 3.1.1 cannot be told which filter was wrong: it is closed. A `$share/a` breaks no rule of it, and is refused as what we do not have. */
  private refuseMalformed(filters: readonly string[]): boolean {
    if (this.version === 5 || filters.every(isPlainFilter)) return false;
    this.host.fail(ReasonCode.TopicFilterInvalid, 'a wildcard that does not fill its level (MQTT-4.7.1-1, -2)');
    return true;
  }

  private refusalOf({ filter }: Subscription, identifier: number | undefined): Refusal | undefined {
    const { options } = this;
    if (!isTopicFilter(filter)) return NO_FILTER;
    if (isShared(filter) && !options.sharedSubscriptionsAvailable) return NO_SHARED;
    if (identifier !== undefined && !options.subscriptionIdentifiersAvailable) return NO_IDENTIFIERS;
    if (hasWildcard(filter) && !options.wildcardSubscriptionsAvailable) return NO_WILDCARDS;
    return undefined;
  }

  private limited(subscription: Subscription): Subscription {
    const { maximumQoS } = this.options;
    return subscription.qos > maximumQoS ? { ...subscription, qos: maximumQoS } : subscription;
  }
}

const NO_FILTER: Refusal = {
  reasonCode: ReasonCode.TopicFilterInvalid,
  detail: '+ and # fill a whole level, # is the last one, and $share/ is followed by a group, a slash and a filter',
};
const NO_SHARED: Refusal = { reasonCode: ReasonCode.SharedSubscriptionsNotSupported, detail: 'there are no shared subscriptions here' };
const NO_IDENTIFIERS: Refusal = {
  reasonCode: ReasonCode.SubscriptionIdentifiersNotSupported,
  detail: 'there are no subscription identifiers here',
};
const NO_WILDCARDS: Refusal = { reasonCode: ReasonCode.WildcardSubscriptionsNotSupported, detail: 'filters have no wildcards here' };
