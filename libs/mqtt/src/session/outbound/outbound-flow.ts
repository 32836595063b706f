import type { Ack } from '../../packets/packet.js';
import { isFailure, ReasonCode } from '../../packets/reason-code.js';
import type { OutboundMessage, StoredMessage } from '../outbound-message.js';
import type { LeftMessages, SessionHooks, UndeliveredReason } from '../session-hooks.js';
import type { Durable, OutboundState, RestoredSession, SessionJournal } from '../session-journal.js';
import type { SessionLimits } from '../session-limits.js';
import type { SessionLink } from '../session-link.js';
import { Exchange } from './exchange.js';
import { isExpired, OutboundQueue, type QueueOwner } from './outbound-queue.js';
import { OutboundWire } from './outbound-wire.js';
import { PacketIds } from './packet-ids.js';

const NONE: Exchange[] = [];

/**
 * Messages towards the client: in order, never more in flight than it allows (MQTT-3.3.4-7), the rest in a bounded queue. What is
 * in flight outlives the wire; on the next one it is sent again, in its order, and at no other time (MQTT-4.4.0-1, -2).
 */
export class OutboundFlow implements QueueOwner {
  private readonly ids: PacketIds;
  /** In the order in which their packets were first due. */
  private inFlight: Map<number, Exchange> | undefined;
  private queue: OutboundQueue | undefined;
  private wire: OutboundWire | undefined;
  /** In flight, and their PUBLISH is still to leave on this wire; in order. */
  private unsent = NONE;
  /** So many that will not be sent are not off the record yet. */
  private leaving = 0;
  private lastTaken: StoredMessage | undefined;
  /** Called from inside, whenever messages have left the queue. */
  shortened: (() => void) | undefined;

  constructor(
    private readonly limits: SessionLimits,
    private readonly hooks: SessionHooks,
    private readonly journal: SessionJournal | undefined,
    restored: RestoredSession | undefined,
  ) {
    // Which identifiers were used before the restart is not known: any may have been.
    this.ids = new PacketIds(restored?.lastPacketId, restored !== undefined);
    this.lastTaken = restored?.lastTaken;
    for (const { packetId, message, awaiting } of restored?.inFlight ?? []) {
      const exchange = new Exchange(packetId, message, awaiting, true);
      exchange.begun = true;
      this.exchanges().set(packetId, exchange);
    }
    for (const message of restored?.queued ?? []) this.waiting().restore(message);
  }

  get queuedMessages(): number {
    return this.queue?.length ?? 0;
  }

  get queuedBytes(): number {
    return this.queue?.bytes ?? 0;
  }

  get inFlightMessages(): number {
    return this.inFlight?.size ?? 0;
  }

  /** Is there such a message, waiting or in flight? */
  holds(isMeant: (message: OutboundMessage) => boolean): boolean {
    for (const { message } of this.inFlight?.values() ?? NONE) if (isMeant(message)) return true;
    return this.queue?.holds(isMeant) ?? false;
  }

  attach(link: SessionLink, now: number): void {
    const wire = new OutboundWire(link);
    this.wire = wire;
    const unsent: Exchange[] = [];
    // Each release has its place, whatever leaves ahead of it: the client may allow fewer than it did before.
    for (const exchange of this.inFlight?.values() ?? NONE) if (exchange.awaiting === 'pubcomp') exchange.occupy(wire);
    for (const exchange of this.inFlight?.values() ?? NONE) {
      if (exchange.awaiting === 'pubcomp') {
        if (exchange.recorded) this.sendRelease(exchange);
      } else if (unsent.length > 0 || !this.sendPublish(exchange, wire, now)) {
        unsent.push(exchange);
      }
    }
    this.unsent = unsent;
    this.pump(now);
  }

  detach(): void {
    this.wire = undefined;
    this.unsent = NONE;
    this.queue?.dropQoS0('offline');
    this.shortened?.();
  }

  dropExpired(now: number): void {
    const waitedBefore = this.queuedMessages;
    this.queue?.dropExpired(now);
    if (this.queuedMessages < waitedBefore) this.shortened?.();
  }

  deliver(message: OutboundMessage, now: number): void {
    if (this.wire === undefined && message.qos === 0) {
      this.dropped(message, 'offline');
    } else if (this.waiting().push(message, now)) {
      this.pump(now);
    } else {
      this.dropped(message, 'queue_full');
      this.wire?.link.overflowed();
    }
  }

  setWritable(writable: boolean, now: number): void {
    if (this.wire === undefined) return;
    this.wire.writable = writable;
    this.pump(now);
  }

  /** PUBACK, PUBREC or PUBCOMP of the client; answers what was wrong with it. */
  acknowledge(ack: Ack, now: number): string | undefined {
    const exchange = this.inFlight?.get(ack.packetId);
    if (exchange === undefined) return this.acknowledgeUnknown(ack);
    if (!exchange.begun) return `${ack.type} for packet identifier ${ack.packetId}, which has not been sent`;
    if (ack.type === 'pubrec' && exchange.awaiting === 'pubcomp' && !isFailure(ack.reasonCode)) {
      if (exchange.recorded) this.wire?.release(ack.packetId, ReasonCode.Success);
      return undefined;
    }
    if (exchange.awaiting !== ack.type) return `${ack.type} for a message that awaits ${exchange.awaiting} (MQTT-4.3)`;
    if (ack.type === 'pubrec' && !isFailure(ack.reasonCode)) {
      this.received(exchange);
      return undefined;
    }
    // PUBACK with any code, PUBREC with a failure, PUBCOMP: the exchange is over and its identifier free.
    this.finish(exchange);
    if (!this.pump(now)) this.record();
    return undefined;
  }

  /** The session is over: what there was, in order. A message that awaits PUBCOMP the client has. */
  end(): LeftMessages {
    const unreceived: OutboundMessage[] = [];
    const received: OutboundMessage[] = [];
    for (const { message, awaiting } of this.inFlight?.values() ?? NONE) {
      if (awaiting === 'pubcomp') received.push(message);
      else unreceived.push(message);
    }
    this.inFlight = undefined;
    return { unreceived: unreceived.concat(this.queue?.takeAll() ?? []), received };
  }

  dropped(message: OutboundMessage, reason: UndeliveredReason): void {
    this.hooks.undelivered(message, reason);
    this.hooks.finished(message);
  }

  private acknowledgeUnknown({ type, packetId, reasonCode }: Ack): string | undefined {
    if (!this.ids.wasUsed(packetId)) return `${type} for packet identifier ${packetId}, which was never used`;
    if (type === 'pubrec' && !isFailure(reasonCode)) this.wire?.release(packetId, ReasonCode.PacketIdentifierNotFound);
    return undefined;
  }

  /** PUBREC: the message is the client's. PUBREL leaves when that is on record. */
  private received(exchange: Exchange): void {
    exchange.awaiting = 'pubcomp';
    // PUBRELs are due in the order of the PUBRECs (MQTT-4.6.0-4).
    this.inFlight?.delete(exchange.packetId);
    this.exchanges().set(exchange.packetId, exchange);
    if (this.journal === undefined) {
      this.sendRelease(exchange);
      return;
    }
    exchange.recorded = false;
    this.record(() => {
      exchange.recorded = true;
      if (this.isOpen(exchange)) this.sendRelease(exchange);
    });
  }

  /** Sends what may be sent. True if that was recorded. */
  private pump(now: number): boolean {
    const { wire } = this;
    if (wire === undefined || !wire.writable) return false;
    this.sendUnsent(wire, now);
    const taken: Exchange[] = [];
    const waitedBefore = this.queuedMessages;
    for (let message = this.queue?.head; message !== undefined && this.maySend(message, wire); message = this.queue?.head) {
      this.queue?.shift();
      this.lastTaken = message.stored ?? this.lastTaken;
      if (isExpired(message, now)) {
        this.dropped(message, 'expired');
      } else if (message.qos === 0) {
        if (wire.publish(message, 0, false, now)) this.hooks.finished(message);
        else this.dropped(message, 'too_large');
      } else {
        const exchange = this.begin(message);
        if (exchange.recorded) this.sendPublish(exchange, wire, now);
        else taken.push(exchange);
      }
    }
    if (taken.length > 0) this.sendWhenRecorded(taken);
    if (this.queuedMessages < waitedBefore) this.shortened?.();
    return taken.length > 0;
  }

  private maySend(message: OutboundMessage, wire: OutboundWire): boolean {
    return this.wire === wire && wire.writable && (message.qos === 0 || this.inFlightMessages < wire.link.window);
  }

  private begin(message: OutboundMessage): Exchange {
    const packetId = this.ids.next(this.exchanges());
    const exchange = new Exchange(packetId, message, message.qos === 1 ? 'puback' : 'pubrec', this.journal === undefined);
    this.exchanges().set(packetId, exchange);
    return exchange;
  }

  private sendWhenRecorded(taken: readonly Exchange[]): void {
    this.unsent = this.unsent.concat(taken);
    this.record((now) => {
      for (const exchange of taken) exchange.recorded = true;
      this.pump(now);
    });
  }

  private sendUnsent(wire: OutboundWire, now: number): void {
    if (this.unsent.length === 0) return;
    const due = this.unsent;
    const left = due.findIndex((exchange) => !this.sendPublish(exchange, wire, now));
    if (this.wire === wire) this.unsent = left < 0 ? NONE : due.slice(left);
  }

  /** False: it has to wait, and everything behind it. */
  private sendPublish(exchange: Exchange, wire: OutboundWire, now: number): boolean {
    // A client may acknowledge what it had from the connection before, before we send it again.
    if (!this.isOpen(exchange) || exchange.awaiting === 'pubcomp') return true;
    if (this.wire !== wire || !exchange.recorded || !wire.writable || wire.full) return false;
    const { message, packetId, begun } = exchange;
    if (!begun && isExpired(message, now)) {
      this.abandon(exchange, 'expired');
    } else if (this.leaving > 0 && !wire.isTooLarge(message, packetId, begun, now)) {
      return false;
    } else if (this.leaving === 0 && wire.publish(message, packetId, begun, now)) {
      exchange.begun = true;
      exchange.occupy(wire);
    } else {
      // MQTT-3.1.2-25: as if it had been delivered.
      this.abandon(exchange, 'too_large');
    }
    return true;
  }

  private sendRelease(exchange: Exchange): void {
    const { wire } = this;
    if (wire === undefined) return;
    exchange.occupy(wire);
    wire.release(exchange.packetId, ReasonCode.Success);
  }

  private isOpen(exchange: Exchange): boolean {
    return this.inFlight?.get(exchange.packetId) === exchange;
  }

  /** Whoever starts before it is off the record sends it: nothing gets ahead of it until then. */
  private abandon(exchange: Exchange, reason: UndeliveredReason): void {
    this.hooks.undelivered(exchange.message, reason);
    this.finish(exchange);
    if (this.journal === undefined) return;
    this.leaving += 1;
    this.record((now) => {
      this.leaving -= 1;
      this.pump(now);
    });
  }

  private finish(exchange: Exchange): void {
    this.inFlight?.delete(exchange.packetId);
    if (exchange.wire !== undefined) exchange.wire.open--;
    this.hooks.finished(exchange.message);
  }

  private record(durable?: Durable): void {
    this.journal?.outbound(this.state(), durable);
  }

  private state(): OutboundState {
    const inFlight = Array.from(this.inFlight?.values() ?? NONE, ({ packetId, message, awaiting }) => ({ packetId, message, awaiting }));
    return { lastPacketId: this.ids.lastGiven, lastTaken: this.lastTaken, inFlight };
  }

  private exchanges(): Map<number, Exchange> {
    this.inFlight ??= new Map();
    return this.inFlight;
  }

  private waiting(): OutboundQueue {
    this.queue ??= new OutboundQueue(this.limits, this);
    return this.queue;
  }
}
