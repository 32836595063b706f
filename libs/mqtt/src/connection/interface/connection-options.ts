import type { QoS } from '../../packets/packet.js';

export interface ConnectionOptions {
  /** From the client, announced as Maximum Packet Size; more is 0x95. */
  readonly maxPacketBytes: number;
  /** From connection to a whole CONNECT. */
  readonly connectTimeoutMs: number;
  /** QoS 1 and 2 publishes of the client in flight; announced to MQTT 5, at it 3.1.1 is no longer read. */
  readonly receiveMaximum: number;
  /**
   * QoS 2 identifiers of a session that the client has not released; one more message is refused (0x97). They outlive connections, and
   * with them the Receive Maximum.
   */
  readonly maxUnreleased: number;
  /** Bytes of messages not yet settled (`messageBytes`), beyond which nothing more is read. One packet is always admitted. */
  readonly maxUnacknowledgedBytes: number;
  /** Bytes that are kept while nothing may be decoded, before the socket is no longer read. */
  readonly readAheadBytes: number;
  readonly topicAliasMaximum: number;
  readonly maximumQoS: QoS;
  readonly retainAvailable: boolean;
  readonly wildcardSubscriptionsAvailable: boolean;
  readonly sharedSubscriptionsAvailable: boolean;
  readonly subscriptionIdentifiersAvailable: boolean;
  /** Larger keep-alives of MQTT 5 clients are lowered to this (Server Keep Alive); 0 of a client stays. */
  readonly maxKeepAliveSeconds: number;
  /** 0: sessions end with their connection. */
  readonly maxSessionExpirySeconds: number;
  /** Refuse payloads that are announced as UTF-8 and are not (0x99). */
  readonly checkPayloadFormat: boolean;
  readonly authenticationMethods: readonly string[];
  /** Told to MQTT 5 clients that ask for it (Response Information): where they may expect responses. Empty: nothing is told. */
  readonly responseInformation: string;
  /** QoS 1 and 2 messages in flight towards the client; its own Receive Maximum may lower it. */
  readonly maxOutboundInFlight: number;
  /** Aliases used towards a client that allows them. */
  readonly outboundTopicAliasMaximum: number;
}

/** milepost before persistent sessions: what is not there yet is announced as not available. */
export const DEFAULT_CONNECTION_OPTIONS: ConnectionOptions = {
  maxPacketBytes: 512 * 1024,
  connectTimeoutMs: 10_000,
  receiveMaximum: 32,
  maxUnreleased: 1_000,
  maxUnacknowledgedBytes: 256 * 1024,
  readAheadBytes: 16 * 1024,
  topicAliasMaximum: 10,
  maximumQoS: 2,
  retainAvailable: true,
  wildcardSubscriptionsAvailable: true,
  sharedSubscriptionsAvailable: false,
  subscriptionIdentifiersAvailable: false,
  maxKeepAliveSeconds: 65_535,
  maxSessionExpirySeconds: 0,
  checkPayloadFormat: true,
  authenticationMethods: [],
  responseInformation: '',
  maxOutboundInFlight: 32,
  outboundTopicAliasMaximum: 10,
};
