import type { ReasonCode } from '../packets/reason-code.js';
import type { Acceptance, ConnectionEffects, PublishToken, SubscribeToken, UnsubscribeToken } from './connection-effects.js';
import type { ServerCloseCause } from './connection-end.js';
import type { ConnectionOptions } from './connection-options.js';
import type { OutboundMessage } from './outbound-message.js';

/**
 * One client's connection: bytes in, bytes out, decisions by effects. Holds no socket and no clock: times are
 * milliseconds of a monotonic clock (`performance.now()`), passed with each event.
 */
export interface ServerConnectionLike {
  /** Bytes from the socket. */
  receive(chunk: Buffer, now: number): void;
  /** What is to be written, in order: usually one buffer that holds every packet since the last call. */
  takeOutput(): Buffer[];
  accept(acceptance: Acceptance, now: number): void;
  refuse(reasonCode: ReasonCode, detail: string, now: number): void;
  continueAuthentication(data: Buffer | undefined, now: number): void;
  reauthenticated(data: Buffer | undefined, now: number): void;
  /** Success: durable, the ack may leave when its turn comes. A code ≥ 0x80: refused (MQTT 5: in the ack; 3.1.1: closed). */
  settlePublish(token: PublishToken, reasonCode: ReasonCode, now: number): void;
  settleSubscribe(token: SubscribeToken, reasonCodes: readonly ReasonCode[], now: number): void;
  settleUnsubscribe(token: UnsubscribeToken, reasonCodes: readonly ReasonCode[], now: number): void;
  deliver(message: OutboundMessage, now: number): void;
  /** The socket's send buffer is full (false) or drained (true); while full, messages wait in the bounded queue. */
  setWritable(writable: boolean, now: number): void;
  timer(now: number): void;
  /** The socket is gone without our doing. */
  socketClosed(now: number, detail?: string): void;
  /** Ends the connection for a reason of ours; MQTT 5 gets a DISCONNECT, and nothing after it. */
  close(cause: ServerCloseCause, reasonCode: ReasonCode, detail: string, now: number): void;
  /** The broker itself does not read this socket for now (process limit): time-outs stand still until `readingResumed`. */
  readingStopped(now: number): void;
  readingResumed(now: number): void;
}

export type CreateServerConnection = (options: ConnectionOptions, effects: ConnectionEffects, now: number) => ServerConnectionLike;
