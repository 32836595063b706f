import { type ClientSession, messageBytes, type OutboundMessage, type SessionLimits } from '@milepost/mqtt';
import { HandOutTurns } from './hand-out-turns.js';

/** Of what may wait for a client. The rest is for what is published meanwhile: beyond the limit its connection ends. */
const SHARE = 1 / 4;
/** Who waits is woken for many messages at a time. */
const WOKEN_AT = SHARE / 2;
/** Fewer than that are not looked through for those that need not wait any more. */
const MIN_SWEPT = 64;

interface Waiting {
  readonly stands: () => boolean;
  readonly wake: () => void;
}

/** How much of what topics retain is on its way to one client: of all its subscriptions together. */
export class HandOutRoom {
  readonly turns = new HandOutTurns();
  /** Being put on record: not in the queue yet, and as good as there. */
  private messages = 0;
  private bytes = 0;
  private waiting: Waiting[] = [];
  private sweepAt = MIN_SWEPT;

  constructor(
    private readonly queue: Pick<ClientSession, 'queuedMessages' | 'queuedBytes' | 'whenShorter'>,
    private readonly limits: SessionLimits,
  ) {}

  /** @returns what resolves when it is worth asking again, or the walk does not stand any more; undefined: there is room. */
  wait(message: OutboundMessage, stands: () => boolean): Promise<void> | undefined {
    if (this.isWithin(SHARE, 1, messageBytes(message))) return undefined;
    if (this.waiting.length >= this.sweepAt) this.sweep();
    return new Promise((wake) => {
      this.waiting.push({ stands, wake });
      this.queue.whenShorter = () => this.changed();
    });
  }

  /** It is in the queue when that resolves, or is not going there. */
  expect(message: OutboundMessage, handed: Promise<void>): void {
    const bytes = messageBytes(message);
    this.messages += 1;
    this.bytes += bytes;
    void handed.then(() => {
      this.messages -= 1;
      this.bytes -= bytes;
      this.changed();
    });
  }

  private changed(): void {
    if (this.waiting.length > 0 && this.isWithin(WOKEN_AT, 0, 0)) this.wake(this.waiting.splice(0));
  }

  /** A client that takes nothing may subscribe again and again: those whose subscription was made anew are let go. */
  private sweep(): void {
    const over = this.waiting.filter(({ stands }) => !stands());
    this.waiting = this.waiting.filter(({ stands }) => stands());
    this.sweepAt = Math.max(MIN_SWEPT, 2 * this.waiting.length);
    this.wake(over);
  }

  private wake(waiting: readonly Waiting[]): void {
    if (this.waiting.length === 0) this.queue.whenShorter = undefined;
    for (const { wake } of waiting) wake();
  }

  /** A queue takes one message of any size. */
  private isWithin(share: number, moreMessages: number, moreBytes: number): boolean {
    const messages = this.queue.queuedMessages + this.messages;
    if (messages === 0) return true;
    const { maxQueuedMessages, maxQueuedBytes } = this.limits;
    const bytes = this.queue.queuedBytes + this.bytes;
    return messages + moreMessages <= share * maxQueuedMessages && bytes + moreBytes <= share * maxQueuedBytes;
  }
}
