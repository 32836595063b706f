import type { QoS, Subscription } from '../packets/packet.js';
import type { OutboundMessage } from '../session/outbound-message.js';

/** A subscription as it was granted: what a session's record keeps of it. */
export interface GrantedSubscription {
  readonly subscription: Subscription;
  /** Of the SUBSCRIBE that it came with. */
  readonly identifier: number | undefined;
}

/** The message as one subscription gets it; the message itself where nothing differs. */
export function copyFor(
  message: OutboundMessage,
  { subscription, identifier }: GrantedSubscription,
  retain: boolean,
  share?: string,
): OutboundMessage {
  const qos = Math.min(message.qos, subscription.qos) as QoS;
  if (identifier === undefined && share === undefined) {
    return qos === message.qos && retain === message.retain ? message : { ...message, qos, retain };
  }
  const properties = identifier === undefined ? message.properties : { ...message.properties, subscriptionIdentifiers: [identifier] };
  return share === undefined ? { ...message, qos, retain, properties } : { ...message, qos, retain, properties, share };
}
