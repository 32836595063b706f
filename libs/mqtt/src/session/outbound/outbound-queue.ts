import { messageBytes } from '../../packets/message-bytes.js';
import type { OutboundMessage } from '../outbound-message.js';
import type { UndeliveredReason } from '../session-hooks.js';
import type { SessionLimits } from '../session-limits.js';

export interface QueueOwner {
  dropped(message: OutboundMessage, reason: UndeliveredReason): void;
}

/** Messages that wait for one client, in order and bounded: over the bound what has expired goes first, then QoS 0. */
export class OutboundQueue {
  private messages: OutboundMessage[] = [];
  private first = 0;
  private totalBytes = 0;
  private ofQoS0 = 0;
  /** Nothing that waits expires earlier: a full queue is gone through only when something in it can go. */
  private soonestExpiryMs = Number.POSITIVE_INFINITY;

  constructor(
    private readonly limits: SessionLimits,
    private readonly owner: QueueOwner,
  ) {}

  get length(): number {
    return this.messages.length - this.first;
  }

  get bytes(): number {
    return this.totalBytes;
  }

  get head(): OutboundMessage | undefined {
    return this.messages[this.first];
  }

  holds(isMeant: (message: OutboundMessage) => boolean): boolean {
    return this.messages.some((message, index) => index >= this.first && isMeant(message));
  }

  /** False: full, and nothing in it may be dropped. The message was not taken. */
  push(message: OutboundMessage, now: number): boolean {
    if (this.isFullWith(message)) {
      this.dropExpired(now);
      if (this.isFullWith(message)) {
        if (message.qos === 0) {
          this.owner.dropped(message, 'queue_full');
          return true;
        }
        this.dropQoS0('queue_full');
        if (this.isFullWith(message)) return false;
      }
    }
    this.restore(message);
    return true;
  }

  /** Takes a message whatever the limits are. */
  restore(message: OutboundMessage): void {
    this.messages.push(message);
    this.totalBytes += messageBytes(message);
    if (message.qos === 0) this.ofQoS0++;
    this.soonestExpiryMs = Math.min(this.soonestExpiryMs, message.expiresAtMs ?? Number.POSITIVE_INFINITY);
  }

  shift(): void {
    const { head } = this;
    if (head === undefined) return;
    this.totalBytes -= messageBytes(head);
    if (head.qos === 0) this.ofQoS0--;
    this.first++;
    if (this.first === this.messages.length) {
      this.messages.length = 0;
      this.first = 0;
    } else if (this.first >= 64 && this.first * 2 >= this.messages.length) {
      this.messages = this.messages.slice(this.first);
      this.first = 0;
    }
  }

  dropExpired(now: number): void {
    if (this.soonestExpiryMs <= now) this.drop((message) => isExpired(message, now), 'expired');
  }

  dropQoS0(reason: UndeliveredReason): void {
    if (this.ofQoS0 > 0) this.drop((message) => message.qos === 0, reason);
  }

  /** Empties the queue: what was in it, in order. */
  takeAll(): OutboundMessage[] {
    const taken = this.messages.slice(this.first);
    this.messages = [];
    this.first = this.totalBytes = this.ofQoS0 = 0;
    this.soonestExpiryMs = Number.POSITIVE_INFINITY;
    return taken;
  }

  private isFullWith(message: OutboundMessage): boolean {
    const { maxQueuedMessages, maxQueuedBytes } = this.limits;
    return this.length >= maxQueuedMessages || (this.length > 0 && this.totalBytes + messageBytes(message) > maxQueuedBytes);
  }

  private drop(goes: (message: OutboundMessage) => boolean, reason: UndeliveredReason): void {
    const dropped: OutboundMessage[] = [];
    for (const message of this.takeAll()) {
      if (goes(message)) dropped.push(message);
      else this.restore(message);
    }
    for (const message of dropped) this.owner.dropped(message, reason);
  }
}

/** MQTT-3.3.2-5: what has expired before its delivery began is not sent any more. */
export function isExpired({ expiresAtMs }: OutboundMessage, now: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= now;
}
