import type {
  InboundRecord,
  KeptMessage,
  NextWillRecord,
  OutboundRecord,
  RetainedRecord,
  SessionRecord,
  WillRecord,
} from '@milepost/contracts';
import type { Order } from '../log/stamp.js';
import type { StateWriter } from './state-writer.js';

/** Everything that the log says of one client. */
export interface ClientRecords {
  session?: SessionRecord;
  outbound?: OutboundRecord;
  inbound?: InboundRecord;
  will?: WillRecord;
  nextWill?: NextWillRecord;
}

export interface MessageOnRecord {
  readonly kept: KeptMessage;
  readonly payload: Buffer;
  readonly partition: number;
  /** When it was written last. */
  readonly timestampMs: number;
}

export interface RetainedOnRecord {
  readonly record: RetainedRecord;
  readonly payload: Buffer;
}

/** What three compacted topics hold, the latest of each key. */
export interface KeptState {
  readonly clients: ReadonlyMap<string, ClientRecords>;
  /** In the order that they were received in, each with all its receivers. */
  readonly messages: readonly MessageOnRecord[];
  /** Receivers of messages that are not on record: keys in `mqtt.messages`, with their partitions. Not to be believed of a part of the log. */
  readonly strayParts: ReadonlyMap<string, number>;
  readonly retained: readonly RetainedOnRecord[];
  /** What the topic retains, or that it retains nothing, is of the message with that stamp or of one that came after it. */
  isRetainedSince(organisation: string, topic: string, stamp: Order): boolean;
  /** The highest that any record names: a new epoch must be above it. */
  readonly lastEpoch: number;
  /** Writes anew what a late copy stands behind, so that compaction keeps what counts. @returns for how many keys. */
  mend(writer: MendingWriter): number;
}

/** What mends: a writer, or one that leaves some keys alone. */
export type MendingWriter = Pick<StateWriter, 'put' | 'remove'>;

/** Whom a key in `mqtt.sessions` is of. */
export function clientOf(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}
