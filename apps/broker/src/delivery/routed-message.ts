import { messageOf, type OutboundMessage, type Publish, type Will } from '@milepost/mqtt';
import type { Route } from '../clients/access.js';

/**
 * As its subscribers get it: retained only where its route allows it. `sinceMs`: when it came (`performance.now`); the time that it waits
 * for its place in the log is taken off its expiry too (MQTT-3.3.2-6).
 */
export function routedMessage(message: Publish | Will, { retainable }: Route, sinceMs: number): OutboundMessage {
  const routed = messageOf(message, sinceMs);
  return routed.retain && !retainable ? { ...routed, retain: false } : routed;
}
