import type { Publish } from '../packets/packet.js';
import type { AckProperties } from '../packets/properties.js';
import type { ReasonCode } from '../packets/reason-code.js';
import type { PublishToken } from './publish-token.js';

export const UNSETTLED = -1;

/** Who acknowledges a publish, or passes its outcome to the session when its connection is over. */
export interface Acknowledger {
  settled(entry: InboundPublish, reasonCode: ReasonCode, now: number): void;
  /** As `settled` of `count` of these from the `first` on, with success and nothing else to be said. */
  stored(entries: readonly InboundPublish[], first: number, count: number, now: number): void;
  failed(entry: InboundPublish, detail: string): void;
}

/** A QoS 1 or 2 publish between its arrival and its PUBACK or PUBREC. */
export interface InboundPublish extends PublishToken {
  readonly publish: Publish;
  readonly bytes: number;
  /** -1 until the broker has decided. */
  reasonCode: ReasonCode | typeof UNSETTLED;
  /** Of its ack, where the client may be told more than a code. */
  properties: AckProperties;
  /** Of the connection that it came on, or came again on: it acknowledges. */
  receiver: Acknowledger;
  /** When the client released it, in ms, if it did so without waiting for its PUBREC. */
  pubrelCameAt?: number | undefined;
}
