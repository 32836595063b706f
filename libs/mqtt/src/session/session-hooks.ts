import type { OutboundMessage } from './outbound-message.js';

/** `offline`: QoS 0, and nobody is connected. */
export type UndeliveredReason = 'expired' | 'too_large' | 'queue_full' | 'offline';

/** What a session had when it ended, each in order. Whoever ends it is done with them when it says so: none is `finished`. */
export interface LeftMessages {
  readonly unreceived: readonly OutboundMessage[];
  /** By the client, with PUBREC; they were not released. */
  readonly received: readonly OutboundMessage[];
}

/** What a session tells the broker about messages; from inside the calls that it happens in. */
export interface SessionHooks {
  /** A message is dropped: count. `finished` follows. */
  undelivered(message: OutboundMessage, reason: UndeliveredReason): void;
  /** Exactly once for each message that `deliver` was given: sent (QoS 0), acknowledged, refused by the client, or dropped; not for those that `end` hands back. */
  finished(message: OutboundMessage): void;
}
