import { publishBytes } from '../../codec/encoding/write-publish.js';
import type { Publish } from '../../packets/packet.js';
import { NO_PROPERTIES } from '../../packets/properties.js';
import type { ReasonCode } from '../../packets/reason-code.js';
import type { OutboundMessage } from '../outbound-message.js';
import type { SessionLink } from '../session-link.js';
import { OutboundAliases } from './outbound-aliases.js';

/** What of the way to a client lasts no longer than its connection: aliases, room in the socket, and what is in flight on it. */
export class OutboundWire {
  writable = true;
  /** Exchanges that have a place on this wire and are not over. */
  open = 0;
  private aliases: OutboundAliases | undefined;

  constructor(readonly link: SessionLink) {}

  get full(): boolean {
    return this.open >= this.link.window;
  }

  /** False: larger than the client accepts, nothing was sent (MQTT-3.1.2-24). */
  publish(message: OutboundMessage, packetId: number, dup: boolean, now: number): boolean {
    const publish = this.publishOf(message, packetId, dup, now);
    return (this.link.topicAliasMaximum > 0 && this.publishByAlias(publish)) || this.link.send(publish);
  }

  /** Would `publish` be false, whatever is an alias by then? Where the client has none, exactly. */
  isTooLarge(message: OutboundMessage, packetId: number, dup: boolean, now: number): boolean {
    const { version, topicAliasMaximum, maxPacketBytes } = this.link;
    const publish = this.publishOf(message, packetId, dup, now);
    if (publishBytes(publish, version) <= maxPacketBytes) return false;
    const byAlias = { ...publish, topic: '', properties: { ...publish.properties, topicAlias: topicAliasMaximum } };
    return topicAliasMaximum === 0 || publishBytes(byAlias, version) > maxPacketBytes;
  }

  release(packetId: number, reasonCode: ReasonCode): void {
    this.link.send({ type: 'pubrel', packetId, reasonCode, properties: NO_PROPERTIES });
  }

  private publishOf(message: OutboundMessage, packetId: number, dup: boolean, now: number): Publish {
    const { topic, payload, qos, expiresAtMs } = message;
    // MQTT 3.1.1: RETAIN is 0 where the subscription was there before the message, whoever made that (v3 MQTT-3.3.1-9).
    const retain = message.retain && !(this.link.version === 4 && message.publishedWithRetain === true);
    let properties: Publish['properties'] = message.properties;
    // MQTT-3.3.2-6: what is left of the expiry. Only a message whose delivery began in time is sent when nothing is.
    if (expiresAtMs !== undefined) {
      properties = { ...properties, messageExpiryInterval: Math.max(0, Math.ceil((expiresAtMs - now) / 1000)) };
    }
    return { type: 'publish', topic, payload, qos, retain, dup, packetId, properties };
  }

  /** False: there is no alias for its topic, or the packet that tells the alias would be too large. */
  private publishByAlias(publish: Publish): boolean {
    const { topic, properties } = publish;
    this.aliases ??= new OutboundAliases(this.link.topicAliasMaximum);
    const used = this.aliases.use(topic);
    if (used === undefined) return false;
    const sent = this.link.send({ ...publish, topic: used.known ? '' : topic, properties: { ...properties, topicAlias: used.alias } });
    if (!sent && !used.known) this.aliases.forget(topic);
    return sent;
  }
}
