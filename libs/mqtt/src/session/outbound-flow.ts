import type { Ack, ProtocolVersion, Publish } from '../packets/packet.js';
import { NO_PROPERTIES } from '../packets/properties.js';
import { isFailure, ReasonCode } from '../packets/reason-code.js';
import type { UndeliveredReason } from './connection-effects.js';
import { OutboundAliases } from './outbound-aliases.js';
import type { OutboundMessage } from './outbound-message.js';
import { OutboundQueue, type QueueLimits } from './outbound-queue.js';
import { PacketIds } from './packet-ids.js';

export interface OutboundEffects {
  /** False: larger than the client accepts. */
  send(packet: Publish | Ack): boolean;
  undelivered(message: OutboundMessage, reason: UndeliveredReason): void;
}

export interface OutboundLimits extends QueueLimits {
  /** The client's Receive Maximum, or ours if lower. */
  readonly inFlight: number;
  readonly topicAliasMaximum: number;
}

interface InFlight {
  readonly message: OutboundMessage;
  awaiting: 'puback' | 'pubrec' | 'pubcomp';
}

/** Messages towards the client: in order, never more in flight than it allows (MQTT-3.3.4-7), the rest in a bounded queue. */
export class OutboundFlow {
  private readonly ids = new PacketIds();
  private readonly inFlight = new Map<number, InFlight>();
  private readonly queue: OutboundQueue;
  private readonly aliases: OutboundAliases;
  private writable = true;

  constructor(
    private readonly version: ProtocolVersion,
    private readonly limits: OutboundLimits,
    private readonly effects: OutboundEffects,
  ) {
    this.queue = new OutboundQueue(limits, (message) => effects.undelivered(message, 'queue_full'));
    this.aliases = new OutboundAliases(limits.topicAliasMaximum);
  }

  /** False: the queue is full of what must not be dropped. */
  deliver(message: OutboundMessage, now: number): boolean {
    const queued = this.queue.push(message);
    this.pump(now);
    return queued;
  }

  setWritable(writable: boolean, now: number): void {
    this.writable = writable;
    this.pump(now);
  }

  /** PUBACK, PUBREC or PUBCOMP of the client; answers what was wrong with it. */
  acknowledge(ack: Ack, now: number): string | undefined {
    const exchange = this.inFlight.get(ack.packetId);
    if (exchange === undefined) return this.acknowledgeUnknown(ack);
    if (ack.type === 'pubrec' && exchange.awaiting === 'pubcomp') {
      this.release(ack.packetId, ReasonCode.Success);
      return undefined;
    }
    if (exchange.awaiting !== ack.type) return `${ack.type} for a message that awaits ${exchange.awaiting} (MQTT-4.3)`;
    if (ack.type === 'pubrec' && !isFailure(ack.reasonCode)) {
      exchange.awaiting = 'pubcomp';
      this.release(ack.packetId, ReasonCode.Success);
      return undefined;
    }
    // PUBACK with any code, PUBREC with a failure, PUBCOMP: the exchange is over and its identifier free.
    this.inFlight.delete(ack.packetId);
    this.pump(now);
    return undefined;
  }

  private acknowledgeUnknown(ack: Ack): string | undefined {
    if (!this.ids.wasUsed(ack.packetId)) return `${ack.type} for packet identifier ${ack.packetId}, which was never used`;
    if (ack.type === 'pubrec' && !isFailure(ack.reasonCode)) this.release(ack.packetId, ReasonCode.PacketIdentifierNotFound);
    return undefined;
  }

  private release(packetId: number, reasonCode: ReasonCode): void {
    this.effects.send({ type: 'pubrel', packetId, reasonCode, properties: NO_PROPERTIES });
  }

  private pump(now: number): void {
    for (let message = this.queue.head; message !== undefined && this.maySend(message); message = this.queue.head) {
      this.queue.shift();
      this.send(message, now);
    }
  }

  private maySend(message: OutboundMessage): boolean {
    return this.writable && (message.qos === 0 || this.inFlight.size < this.limits.inFlight);
  }

  private send(message: OutboundMessage, now: number): void {
    const { qos, expiresAtMs } = message;
    // MQTT-3.3.2-5: what has expired is not sent any more.
    if (expiresAtMs !== undefined && expiresAtMs <= now) {
      this.effects.undelivered(message, 'expired');
      return;
    }
    const packetId = qos === 0 ? 0 : this.ids.next(this.inFlight);
    if (qos > 0) this.inFlight.set(packetId, { message, awaiting: qos === 1 ? 'puback' : 'pubrec' });
    if (this.effects.send(this.publishOf(message, packetId, now))) return;
    // MQTT-3.1.2-25: as if it had been delivered.
    this.aliases.forget(message.topic);
    this.inFlight.delete(packetId);
    this.effects.undelivered(message, 'too_large');
  }

  private publishOf(message: OutboundMessage, packetId: number, now: number): Publish {
    const { payload, qos, retain, expiresAtMs } = message;
    const alias = this.version === 5 ? this.aliases.use(message.topic) : undefined;
    let properties: Publish['properties'] = message.properties;
    // MQTT-3.3.2-6: what is left of the expiry, at least one second of it.
    if (expiresAtMs !== undefined) properties = { ...properties, messageExpiryInterval: Math.ceil((expiresAtMs - now) / 1000) };
    if (alias !== undefined) properties = { ...properties, topicAlias: alias.alias };
    return { type: 'publish', topic: alias?.known ? '' : message.topic, payload, qos, retain, dup: false, packetId, properties };
  }
}
