import type { Ack, ProtocolVersion } from '../packets/packet.js';
import { OutboundFlow } from './outbound/outbound-flow.js';
import type { OutboundMessage } from './outbound-message.js';
import { ReceivedMessages } from './received-messages.js';
import type { LeftMessages, SessionHooks } from './session-hooks.js';
import type { RestoredSession, SessionJournal } from './session-journal.js';
import type { SessionLimits } from './session-limits.js';
import type { SessionLink } from './session-link.js';

export interface ClientSessionOptions {
  readonly limits: SessionLimits;
  readonly hooks: SessionHooks;
  /** For a session that must survive the process. */
  readonly journal?: SessionJournal;
  readonly restored?: RestoredSession;
}

/**
 * What outlives a connection (MQTT 5.0 §4.1): messages towards the client that wait or are in flight, and QoS 2 identifiers of the
 * client that are not released. Subscriptions live in the router, keyed by this object. A connection takes it with `accept`.
 */
export class ClientSession {
  /** For its connections: QoS 2 messages from the client. */
  readonly received: ReceivedMessages;
  private readonly outbound: OutboundFlow;
  private link: SessionLink | undefined;
  private lastVersion: ProtocolVersion = 5;
  private isOver = false;

  constructor({ limits, hooks, journal, restored }: ClientSessionOptions) {
    this.outbound = new OutboundFlow(limits, hooks, journal, restored);
    this.received = new ReceivedMessages(journal, restored?.received);
  }

  get connected(): boolean {
    return this.link !== undefined;
  }

  /** What is delivered now is dropped. */
  get ended(): boolean {
    return this.isOver;
  }

  /** Of its connection, or of its last one; 5 as long as none is known. */
  get version(): ProtocolVersion {
    return this.lastVersion;
  }

  get queuedMessages(): number {
    return this.outbound.queuedMessages;
  }

  /** Of the queued messages, as `messageBytes` counts. */
  get queuedBytes(): number {
    return this.outbound.queuedBytes;
  }

  /**
   * For who fills the queue no faster than it is emptied: called, from inside, whenever messages have left it. Whatever is queued leaves
   * it some day while somebody is connected. Undefined: nobody waits.
   */
  set whenShorter(step: (() => void) | undefined) {
    this.outbound.shortened = step;
  }

  /** QoS 1 and 2 messages that have their packet identifier and are not acknowledged. */
  get inFlightMessages(): number {
    return this.outbound.inFlightMessages;
  }

  /** Is there such a message, waiting or in flight? */
  holds(isMeant: (message: OutboundMessage) => boolean): boolean {
    return this.outbound.holds(isMeant);
  }

  /**
   * To the client, in its turn. While nobody is connected it waits (QoS 1, 2) or is dropped (QoS 0: `offline`). Over the limits it
   * is dropped as `queue_full`, and a connection that is there ends (0x97).
   */
  deliver(message: OutboundMessage, now: number): void {
    if (this.isOver) this.outbound.dropped(message, 'offline');
    else this.outbound.deliver(message, now);
  }

  /** What waits and has expired is dropped (MQTT-3.3.2-5), not only when its turn comes: nobody may be there to take it. */
  dropExpired(now: number): void {
    this.outbound.dropExpired(now);
  }

  /**
   * The session is over (clean start, expiry): what there was towards the client. Its connection, if there is one, is closed
   * first. What is delivered later is dropped.
   */
  end(): LeftMessages {
    this.isOver = true;
    if (this.link !== undefined) this.detach(this.link);
    this.received.clear();
    return this.outbound.end();
  }

  // For its connections.

  /** What is in flight is sent again, then what waits. A connection that had the session before is closed. */
  attach(link: SessionLink, now: number): void {
    const previous = this.link;
    if (previous !== undefined) {
      this.detach(previous);
      previous.takenOver();
    }
    this.link = link;
    this.lastVersion = link.version;
    this.outbound.attach(link, now);
  }

  /** The connection has ended. */
  detach(link: SessionLink): void {
    if (this.link !== link) return;
    this.link = undefined;
    this.outbound.detach();
  }

  /** PUBACK, PUBREC or PUBCOMP; answers what was wrong with it. */
  acknowledge(ack: Ack, now: number): string | undefined {
    return this.outbound.acknowledge(ack, now);
  }

  setWritable(writable: boolean, now: number): void {
    this.outbound.setWritable(writable, now);
  }
}
