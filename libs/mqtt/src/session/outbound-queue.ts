import { messageBytes } from '../packets/message-bytes.js';
import type { OutboundMessage } from './outbound-message.js';

export interface QueueLimits {
  readonly maxQueuedMessages: number;
  readonly maxQueuedBytes: number;
}

/** Messages that wait for one client, in order and bounded: over the bound QoS 0 goes first. */
export class OutboundQueue {
  private messages: OutboundMessage[] = [];
  private first = 0;
  private bytes = 0;

  constructor(
    private readonly limits: QueueLimits,
    private readonly dropped: (message: OutboundMessage) => void,
  ) {}

  get length(): number {
    return this.messages.length - this.first;
  }

  get head(): OutboundMessage | undefined {
    return this.messages[this.first];
  }

  /** False: full, though nothing of QoS 0 is left in it. The message was not taken. */
  push(message: OutboundMessage): boolean {
    if (this.isFullWith(message)) {
      if (message.qos === 0) {
        this.dropped(message);
        return true;
      }
      this.dropQoS0();
      if (this.isFullWith(message)) return false;
    }
    this.messages.push(message);
    this.bytes += messageBytes(message);
    return true;
  }

  shift(): void {
    if (this.head !== undefined) this.bytes -= messageBytes(this.head);
    this.first++;
    if (this.first === this.messages.length) {
      this.messages.length = 0;
      this.first = 0;
    } else if (this.first >= 64 && this.first * 2 >= this.messages.length) {
      this.messages = this.messages.slice(this.first);
      this.first = 0;
    }
  }

  private isFullWith(message: OutboundMessage): boolean {
    return (
      this.length >= this.limits.maxQueuedMessages || (this.length > 0 && this.bytes + messageBytes(message) > this.limits.maxQueuedBytes)
    );
  }

  private dropQoS0(): void {
    const kept: OutboundMessage[] = [];
    this.bytes = 0;
    for (const message of this.messages.slice(this.first)) {
      if (message.qos === 0) {
        this.dropped(message);
      } else {
        kept.push(message);
        this.bytes += messageBytes(message);
      }
    }
    this.messages = kept;
    this.first = 0;
  }
}
