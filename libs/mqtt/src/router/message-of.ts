import type { Publish, Will } from '../packets/packet.js';
import { NO_PROPERTIES, type PublishProperties } from '../packets/properties.js';
import type { OutboundMessage } from '../session/outbound-message.js';

/** A client's publish or will as the message that subscribers get: the expiry interval becomes a time (MQTT-3.3.2-5). */
export function messageOf(source: Publish | Will, now: number): OutboundMessage {
  const { topic, payload, qos, retain } = source;
  // Most messages have none, and taking properties apart costs more than all else here.
  if (source.properties === NO_PROPERTIES) return { topic, payload, qos, retain, properties: NO_PROPERTIES };
  const {
    messageExpiryInterval,
    topicAlias: _alias,
    willDelayInterval: _delay,
    ...properties
  } = source.properties as PublishProperties & { willDelayInterval?: number };
  const message = { topic, payload, qos, retain, properties };
  return messageExpiryInterval === undefined ? message : { ...message, expiresAtMs: now + messageExpiryInterval * 1000 };
}
