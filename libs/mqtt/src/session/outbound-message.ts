import type { QoS } from '../packets/packet.js';
import type { PublishProperties } from '../packets/properties.js';

/** What a message is kept as in the broker's log: the broker's own, opaque here. */
export type StoredMessage = object;

/** A message on its way to one client, for one of its subscriptions. */
export interface OutboundMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** Already the lower of published and granted QoS. */
  readonly qos: QoS;
  readonly retain: boolean;
  /**
   * Set for an established subscription where the message was published with RETAIN 1: a copy with RETAIN 1 has it by Retain As Published
   * alone, which 3.1.1 does not know, so on such a connection it is 0; one with 0 may go to another member of its group that gets 1.
   */
  readonly publishedWithRetain?: true;
  /** Subscription identifiers included; no topic alias, and no message expiry: that is `expiresAtMs`. */
  readonly properties: Omit<PublishProperties, 'topicAlias' | 'messageExpiryInterval'>;
  /** On the clock that the connections are told the time by. */
  readonly expiresAtMs?: number;
  /** `$share/{group}/{filter}` of the shared subscription that it is for: another member may get it when this session ends. */
  readonly share?: string;
  /** Undefined with QoS 0, and for sessions without a journal. */
  readonly stored?: StoredMessage;
}
