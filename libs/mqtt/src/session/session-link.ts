import type { Packet, ProtocolVersion } from '../packets/packet.js';

/** A session's connection, as the session sees it. */
export interface SessionLink {
  readonly version: ProtocolVersion;
  /** QoS 1 and 2 messages that may be in flight on it: the client's Receive Maximum, or ours if lower. */
  readonly window: number;
  /** Topic aliases that may be used on it. */
  readonly topicAliasMaximum: number;
  /** The client's Maximum Packet Size. */
  readonly maxPacketBytes: number;
  /** False: larger than the client accepts, nothing was sent. */
  send(packet: Packet): boolean;
  /** The queue is full of what must not be dropped: the connection ends. */
  overflowed(): void;
  /** Another connection has the session now. */
  takenOver(): void;
}
