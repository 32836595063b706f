import { messageOf, type OutboundMessage, type Publish, type Will } from '@milepost/mqtt';
import type { Route } from '../clients/access.js';

/** As its subscribers get it: retained only where its route allows it. */
export function routedMessage(message: Publish | Will, { retainable }: Route): OutboundMessage {
  const routed = messageOf(message, performance.now());
  return routed.retain && !retainable ? { ...routed, retain: false } : routed;
}
