import type { QoS, Subscription } from '../packets/packet.js';
import type { OutboundMessage } from '../session/outbound-message.js';

/** A subscription as it was granted: what a session's record keeps of it. */
export interface GrantedSubscription {
  readonly subscription: Subscription;
  /** Of the SUBSCRIBE that it came with. */
  readonly identifier: number | undefined;
}

/** A retained message as a new subscription gets it; the message itself where nothing differs. */
export function retainedCopyFor(message: OutboundMessage, granted: GrantedSubscription): OutboundMessage {
  return copyFor(message, granted, true);
}

/** A message that has come as one subscription gets it, likewise. `share`: of a shared one. */
export function liveCopyFor(message: OutboundMessage, granted: GrantedSubscription, share?: string): OutboundMessage {
  const retain = message.retain && granted.subscription.retainAsPublished;
  const copy = copyFor(message, granted, retain, share);
  return message.retain ? { ...copy, publishedWithRetain: true } : copy;
}

function copyFor(
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
