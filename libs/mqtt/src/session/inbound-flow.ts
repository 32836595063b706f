import { messageBytes } from '../packets/message-bytes.js';
import type { ProtocolVersion, Publish } from '../packets/packet.js';
import { ReasonCode } from '../packets/reason-code.js';
import type { PublishToken } from './connection-effects.js';

const UNSETTLED = -1;

/** A publish between its arrival and its PUBACK or PUBREC. */
export interface InboundPublish extends PublishToken {
  readonly publish: Publish;
  readonly bytes: number;
  /** -1 until the broker has decided. */
  reasonCode: ReasonCode | typeof UNSETTLED;
}

export type Admission = 'new' | 'repeated' | 'identifier in use' | 'receive maximum exceeded' | 'no room';

export interface InboundLimits {
  readonly receiveMaximum: number;
  readonly maxUnacknowledgedBytes: number;
}

/**
 * QoS 1 and 2 from the client: what is in flight, in which order acks leave (MQTT-4.6.0-2, -3), and which QoS 2 messages are
 * already ours (MQTT-4.3.3-10). Acks leave in the order of the publishes, whatever the order in which these are settled.
 */
export class InboundFlow {
  private readonly awaitingAck: InboundPublish[] = [];
  /** QoS 2 identifiers not yet released: stored ones have had their PUBREC. */
  private readonly unreleased = new Map<number, 'arrived' | 'stored'>();
  private quotaUsed = 0;
  private unacknowledged = 0;

  constructor(
    private readonly version: ProtocolVersion,
    private readonly limits: InboundLimits,
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
    const known = this.unreleased.get(publish.packetId);
    if (known !== undefined) return publish.qos === 2 ? 'repeated' : 'identifier in use';
    if (publish.qos === 2 && this.awaitingAck.some((each) => each.publish.packetId === publish.packetId)) return 'identifier in use';
    if (this.version === 5 && this.quotaUsed >= receiveMaximum) return 'receive maximum exceeded';
    const tooMuch = this.unacknowledged > 0 && this.unacknowledged + sizeOf(publish) > maxUnacknowledgedBytes;
    return tooMuch ? 'no room' : 'new';
  }

  add(publish: Publish): InboundPublish {
    const entry: InboundPublish = { publish, bytes: sizeOf(publish), reasonCode: UNSETTLED };
    this.awaitingAck.push(entry);
    this.unacknowledged += entry.bytes;
    this.quotaUsed++;
    if (publish.qos === 2) this.unreleased.set(publish.packetId, 'arrived');
    return entry;
  }

  /** A QoS 2 publish once more: its PUBREC is repeated in turn if it has had one, else the one to come serves both. */
  repeat(publish: Publish): void {
    if (this.unreleased.get(publish.packetId) !== 'stored') return;
    const waiting = this.awaitingAck.some((each) => each.publish.packetId === publish.packetId);
    if (!waiting) this.awaitingAck.push({ publish, bytes: 0, reasonCode: ReasonCode.Success });
  }

  /** An identifier used for two things: answered in turn, without touching what it is in use for. */
  reject(publish: Publish, reasonCode: ReasonCode): void {
    this.awaitingAck.push({ publish, bytes: 0, reasonCode });
  }

  /** The next publish whose ack may leave now. Its identifier and bytes are free with that. */
  takeSettled(): InboundPublish | undefined {
    const first = this.awaitingAck[0];
    if (first === undefined || first.reasonCode === UNSETTLED) return undefined;
    this.awaitingAck.shift();
    if (first.bytes > 0) this.acknowledged(first);
    return first;
  }

  /** PUBREL: false if its identifier is unknown; undefined if its PUBREC has not left yet. */
  release(packetId: number): boolean | undefined {
    const known = this.unreleased.get(packetId);
    if (known === 'arrived') return undefined;
    if (known === undefined) return false;
    this.unreleased.delete(packetId);
    this.quotaUsed--;
    return true;
  }

  private acknowledged(entry: InboundPublish): void {
    const { qos, packetId } = entry.publish;
    this.unacknowledged -= entry.bytes;
    if (qos === 2 && entry.reasonCode < ReasonCode.UnspecifiedError) {
      this.unreleased.set(packetId, 'stored');
      return;
    }
    // PUBACK, or a PUBREC that ends the exchange (MQTT-4.3.3-4): the identifier is free again.
    if (qos === 2) this.unreleased.delete(packetId);
    this.quotaUsed--;
  }
}

/** Never 0, so that an entry that counts can be told from one that does not. */
function sizeOf(publish: Publish): number {
  return messageBytes(publish) + 4;
}
