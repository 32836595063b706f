import { messageBytes } from '../../packets/message-bytes.js';
import type { ProtocolVersion, Publish } from '../../packets/packet.js';
import { NO_PROPERTIES } from '../../packets/properties.js';
import { isFailure, ReasonCode } from '../../packets/reason-code.js';
import { type Acknowledger, type InboundPublish, UNSETTLED } from '../../session/inbound-publish.js';
import { type ReceivedMessages, type ReceivedState, Release } from '../../session/received-messages.js';
import { Fifo } from './fifo.js';

export type Admission = 'new' | 'repeated' | 'identifier in use' | 'receive maximum exceeded' | 'no room';

export interface InboundLimits {
  readonly receiveMaximum: number;
  readonly maxUnacknowledgedBytes: number;
}

/**
 * QoS 1 and 2 of one connection: what is in flight, and in which order acks leave (MQTT-4.6.0-2, -3): in that of the publishes,
 * whatever the order in which these are settled. Which QoS 2 messages are already ours outlives it: `ReceivedMessages`.
 */
export class InboundFlow {
  private readonly awaitingAck = new Fifo<InboundPublish>();
  /** QoS 2 identifiers that count against the quota: those of a connection before do once they are repeated on this one. */
  private counted: Set<number> | undefined;
  private quotaUsed = 0;
  private unacknowledged = 0;

  constructor(
    private readonly version: ProtocolVersion,
    private readonly limits: InboundLimits,
    private readonly received: ReceivedMessages,
  ) {}

  get unacknowledgedBytes(): number {
    return this.unacknowledged;
  }

  get full(): boolean {
    return this.unacknowledged >= this.limits.maxUnacknowledgedBytes;
  }

  /** May this publish come in? Nothing is changed: `add` does that. */
  admit(publish: Publish): Admission {
    const { receiveMaximum, maxUnacknowledgedBytes } = this.limits;
    // Repeated and rejected publishes wait for their turn too, and use no quota: they must not wait without bound.
    if (this.version === 5 && this.awaitingAck.length >= 2 * receiveMaximum) return 'receive maximum exceeded';
    // 3.1.1 has no quota to exceed: the same count, and one too many waits. QoS 2 counts until its PUBREC there, for its
    // PUBREL could not be read while we wait for room.
    if (this.version === 4 && this.awaitingAck.length >= receiveMaximum) return 'no room';
    const known = this.received.get(publish.packetId);
    if (known !== undefined && (publish.qos !== 2 || isReleasing(known))) return 'identifier in use';
    if (known === undefined && publish.qos === 2 && this.isAwaited(publish.packetId)) return 'identifier in use';
    const isCounted = known !== undefined && this.counted?.has(publish.packetId) === true;
    if (this.version === 5 && !isCounted && this.quotaUsed >= receiveMaximum) return 'receive maximum exceeded';
    if (known !== undefined) return 'repeated';
    const tooMuch = this.unacknowledged > 0 && this.unacknowledged + sizeOf(publish) > maxUnacknowledgedBytes;
    return tooMuch ? 'no room' : 'new';
  }

  add(publish: Publish, receiver: Acknowledger): InboundPublish {
    const entry: InboundPublish = { publish, bytes: sizeOf(publish), reasonCode: UNSETTLED, properties: NO_PROPERTIES, receiver };
    if (publish.qos === 2) this.received.arrived(entry);
    this.push(entry);
    return entry;
  }

  /** A QoS 2 publish once more: its PUBREC is repeated in turn if it has had one, else the one to come serves both. */
  repeat(publish: Publish, receiver: Acknowledger): void {
    const known = this.received.get(publish.packetId);
    if (known === undefined || known instanceof Release || this.isAwaited(publish.packetId)) return;
    if (known === 'stored') {
      this.count(publish.packetId);
      const properties = this.received.answerTo(publish.packetId);
      this.awaitingAck.push({ publish, bytes: 0, reasonCode: ReasonCode.Success, properties, receiver });
      return;
    }
    // It came on a connection before, and the broker has still to decide: its ack is due here now.
    known.receiver = receiver;
    this.push(known);
  }

  /** Is the PUBREC of this publish still to leave on this connection? */
  owes(entry: InboundPublish): boolean {
    return this.awaitingAck.some((each) => each === entry);
  }

  /** An identifier used for two things: answered in turn, without touching what it is in use for. */
  reject(publish: Publish, reasonCode: ReasonCode, receiver: Acknowledger): void {
    this.awaitingAck.push({ publish, bytes: 0, reasonCode, properties: NO_PROPERTIES, receiver });
  }

  /** The next publish whose ack may leave now. Its identifier and bytes are free with that. */
  takeSettled(): InboundPublish | undefined {
    const { first } = this.awaitingAck;
    if (first === undefined || first.reasonCode === UNSETTLED) return undefined;
    this.awaitingAck.drop();
    if (first.bytes > 0) this.acknowledged(first, first.reasonCode);
    return first;
  }

  /** PUBREL came: the place of its message is free. */
  released(packetId: number): void {
    if (this.counted?.delete(packetId) === true) this.quotaUsed--;
  }

  /** The connection is over, and with it every ack that did not leave. What the broker decided stays decided. */
  end(): void {
    this.awaitingAck.drain((entry) => {
      entry.pubrelCameAt = undefined;
      if (entry.reasonCode !== UNSETTLED) this.received.settled(entry, entry.reasonCode);
    });
  }

  private push(entry: InboundPublish): void {
    this.awaitingAck.push(entry);
    this.unacknowledged += entry.bytes;
    if (entry.publish.qos === 2) this.count(entry.publish.packetId);
    else this.quotaUsed++;
  }

  private count(packetId: number): void {
    this.counted ??= new Set();
    if (this.counted.has(packetId)) return;
    this.counted.add(packetId);
    this.quotaUsed++;
  }

  private acknowledged(entry: InboundPublish, reasonCode: ReasonCode): void {
    const { qos, packetId } = entry.publish;
    this.unacknowledged -= entry.bytes;
    if (qos === 1) {
      this.quotaUsed--;
      return;
    }
    this.received.settled(entry, reasonCode);
    // A PUBREC that ends the exchange (MQTT-4.3.3-4): the identifier is free again.
    if (isFailure(reasonCode)) this.released(packetId);
  }

  private isAwaited(packetId: number): boolean {
    return this.awaitingAck.some((each) => each.publish.packetId === packetId);
  }
}

/** Its PUBREL came: another PUBLISH with its identifier is another message, and too early. */
function isReleasing(known: ReceivedState): boolean {
  return known instanceof Release || (known !== 'stored' && known.pubrelCameAt !== undefined);
}

/** Never 0, so that an entry that counts can be told from one that does not. */
function sizeOf(publish: Publish): number {
  return messageBytes(publish) + 4;
}
