import type { Connect, Packet, Publish, Subscription } from '../../packets/packet.js';
import type { ReasonCode } from '../../packets/reason-code.js';
import type { ClientSession } from '../../session/client-session.js';
import type { PublishToken } from '../../session/publish-token.js';
import type { ConnectionEnd } from './connection-end.js';
import type { SubscribeToken, UnsubscribeToken } from './subscription-tokens.js';

/**
 * What the engine asks of its surroundings. Every effect may be answered at once, from inside the call, or at any time later;
 * answers that come after the connection's end are ignored, but for `settlePublish` and `failPublish`: those the session needs.
 */
export interface ConnectionEffects {
  /** Bytes wait in `takeOutput()`. Called once until they are taken: flush all such connections once a tick. */
  outputReady(): void;
  /** Stop, and start again, to read the socket. Bytes that still arrive are kept. */
  pauseReading(): void;
  resumeReading(): void;
  /** Call `timer(now)` at this time, not before; replaces the time asked for earlier. */
  schedule(atMs: number): void;

  /** A well-formed CONNECT. Answer with `accept` (CONNACK leaves then, no earlier) or `refuse`. Nothing more is decoded until then. */
  connect(connect: Connect): void;
  /** Enhanced authentication (MQTT 5.0 §4.12), only for methods in the options. Answer: `continueAuthentication`, `accept`, `refuse`, `reauthenticated`. */
  authenticate(step: AuthenticationStep): void;
  /** May this client publish this? Success, or the code it is refused with (then `publish` is not called). */
  authorisePublish(publish: Publish): ReasonCode;
  /** An authorised PUBLISH, aliases resolved. With a token: `settlePublish` when durable or refused; without (QoS 0): best effort. */
  publish(publish: Publish, token: PublishToken | undefined): void;
  /** What was at hand is decoded: publishes that were held back to go on together may go. Called after each read, whatever was in it. */
  caughtUp?(): void;
  /** Answer with one code for each of these subscriptions: granted QoS or ≥ 0x80. Deliver retained messages after answering. */
  subscribe(subscriptions: readonly Subscription[], identifier: number | undefined, token: SubscribeToken): void;
  /** Answer with one code for each filter: Success or NoSubscriptionExisted. */
  unsubscribe(filters: readonly string[], token: UnsubscribeToken): void;

  /** The end, once: write what `takeOutput()` has, half-close, drain. Publish the will as `end.will` says. */
  ended(end: ConnectionEnd): void;

  /**
   * A PUBLISH was refused (any QoS; a QoS 0 one is thereby dropped): count and log.
   * @returns what the client may be told of it beside the code: the Reason String of its ack, at most 200 bytes.
   */
  publishRefused(publish: Publish, reasonCode: ReasonCode): string | undefined;
  /** For metrics: `maxUnreleased` was reached, and a message is refused for it. */
  unreleasedFull?(): void;
  /** For metrics: so many more. Those that come in great number are told of once a read and once a write. */
  packets?(direction: 'in' | 'out', type: Packet['type'], count: number): void;
}

export interface AuthenticationStep {
  readonly kind: 'connect' | 'continue' | 'reauthenticate';
  readonly method: string;
  readonly data: Buffer | undefined;
  /** Set with kind `connect`. */
  readonly connect: Connect | undefined;
}

/** What the broker decided about a CONNECT that it accepts. */
export interface Acceptance {
  /** Returned as Assigned Client Identifier when the client sent none (MQTT-3.2.2-16). */
  readonly clientId: string;
  /** New, or resumed: then what is unfinished in it follows CONNACK. */
  readonly session: ClientSession;
  /** It was resumed. Never told on a clean start. */
  readonly sessionPresent?: boolean;
  readonly authenticationData?: Buffer;
}
