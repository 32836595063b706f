export type * from './packets/packet.js';
export type { PacketTypeName } from './packets/packet-type.js';
export { PacketType } from './packets/packet-type.js';
export type * from './packets/properties.js';
export { NO_PROPERTIES } from './packets/properties.js';
export type { ProtocolError } from './packets/protocol-error.js';
export { isFailure, ReasonCode } from './packets/reason-code.js';
export type * from './session/connection-effects.js';
export type * from './session/connection-end.js';
export type { ConnectionOptions } from './session/connection-options.js';
export { DEFAULT_CONNECTION_OPTIONS } from './session/connection-options.js';
export type { OutboundMessage } from './session/outbound-message.js';
// In place within this issue: `new ServerConnection(options, effects, now)`, with these methods.
export type { ServerConnectionLike } from './session/server-connection.js';
