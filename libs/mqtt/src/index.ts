export { Decoder, type DecoderOptions } from './codec/decoding/decoder.js';
export { Encoder, encode } from './codec/encoding/encoder.js';
export { isUtf8 } from './codec/utf8.js';
export { sessionExpiryOf } from './connection/connack.js';
export type * from './connection/interface/connection-effects.js';
export type * from './connection/interface/connection-end.js';
export type { ConnectionOptions } from './connection/interface/connection-options.js';
export { DEFAULT_CONNECTION_OPTIONS } from './connection/interface/connection-options.js';
export type * from './connection/interface/subscription-tokens.js';
export { ServerConnection } from './connection/server-connection.js';
export { messageBytes } from './packets/message-bytes.js';
export { ownBytes, withOwnBytes } from './packets/own-bytes.js';
export type * from './packets/packet.js';
export type { PacketTypeName } from './packets/packet-type.js';
export { PacketType } from './packets/packet-type.js';
export type * from './packets/properties.js';
export { NO_PROPERTIES } from './packets/properties.js';
export type { ProtocolError } from './packets/protocol-error.js';
export { isFailure, ReasonCode } from './packets/reason-code.js';
export type { GrantedSubscription } from './router/granted.js';
export { messageOf } from './router/message-of.js';
export { type RetainedLimit, type RetainedLimits, RetainedStore, type RetainOutcome } from './router/retained-store.js';
export {
  DEFAULT_ROUTER_LIMITS,
  type Delivery,
  Router,
  type RouterLimits,
  type SubscribeOutcome,
  type Subscriber,
} from './router/router.js';
export type { SubscriptionLimit } from './router/subscription-count.js';
export { ClientSession, type ClientSessionOptions } from './session/client-session.js';
export type { OutboundMessage, StoredMessage } from './session/outbound-message.js';
export type { PublishToken } from './session/publish-token.js';
export type { SessionHooks, UndeliveredReason } from './session/session-hooks.js';
export type * from './session/session-journal.js';
export { DEFAULT_SESSION_LIMITS, type SessionLimits } from './session/session-limits.js';
export { SubscriptionTree } from './topics/subscription-tree.js';
export { hasWildcard, isShared, isTopicFilter, parseSharedFilter, type SharedFilter } from './topics/topic-filter.js';
export { topicMatches } from './topics/topic-matches.js';
export { isTopicName, MAX_TOPIC_BYTES } from './topics/topic-name.js';
