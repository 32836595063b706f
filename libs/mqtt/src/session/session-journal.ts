import type { OutboundMessage, StoredMessage } from './outbound-message.js';

/** Of a QoS 1 or 2 message in flight: what the client has to send next. */
export type AwaitedAck = 'puback' | 'pubrec' | 'pubcomp';

export interface InFlightMessage {
  readonly packetId: number;
  readonly message: OutboundMessage;
  readonly awaiting: AwaitedAck;
}

/** What must survive of the way towards the client, beside the messages themselves. */
export interface OutboundState {
  /** The last packet identifier that was given; 0: none. */
  readonly lastPacketId: number;
  /** `stored` of the last message that left the waiting queue: those behind it still wait, those before it do not. */
  readonly lastTaken: StoredMessage | undefined;
  /** In the order in which the packet that is to be repeated was first due: PUBLISH, or PUBREL once `pubcomp` is awaited. */
  readonly inFlight: readonly InFlightMessage[];
}

/** What must survive of the way from the client: QoS 2 packet identifiers that it has not released. */
export interface InboundState {
  /** Settled with success. */
  readonly received: readonly number[];
  /** Handed to the broker as PUBLISH, and not settled: the broker alone knows whether their record is written. */
  readonly arriving: readonly number[];
}

/** The time on the clock that the connections are told the time by. */
export type Durable = (now: number) => void;

/**
 * Present for sessions that must survive the process. Each call gives the whole state, which replaces every earlier one: writes
 * may be coalesced. `durable` is called once that state or a later one is durable, in the order of the calls; maybe from inside
 * the call, maybe never.
 */
export interface SessionJournal {
  outbound(state: OutboundState, durable?: Durable): void;
  inbound(state: InboundState, durable?: Durable): void;
}

/** A session as its journal left it. */
export interface RestoredSession {
  readonly lastPacketId: number;
  readonly lastTaken?: StoredMessage;
  readonly inFlight: readonly InFlightMessage[];
  /** Waiting, in order. */
  readonly queued: readonly OutboundMessage[];
  /** QoS 2 packet identifiers received and not released. */
  readonly received: readonly number[];
}
