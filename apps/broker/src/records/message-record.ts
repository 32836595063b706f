import type { OutboundMessage } from '@milepost/mqtt';
import { recordId, type Stamp } from '../log/stamp.js';

/** A message on record, for as long as somebody needs it. */
export class MessageRecord {
  /**
   * Receivers that have not finished with it, its sender while the QoS 2 identifier is not released, and the record of the will that it
   * is. Negative: gone before it was durable.
   */
  needed = 0;
  /** How many needed it when it was written last. */
  parties = 0;
  durable = false;
  removed = false;
  /** Keys of the records that name more of its receivers. */
  parts: readonly string[] = [];
  /** How often it was written with such. */
  rounds = 0;
  /** How often it was written. */
  writings = 0;
  /** What it counts for while it is kept; copies share the body. */
  bytes = 0;

  constructor(
    readonly stamp: Stamp,
    /** Whose records it keeps its order with; of one that was read, the partition that it stands in: only there it can be removed. */
    readonly owner: string | number,
  ) {}

  /** As other records name it. */
  get id(): string {
    return recordId(this.stamp);
  }

  get key(): string {
    return `${this.stamp.node}/${this.id}`;
  }
}

/** What `OutboundMessage.stored` is: one receiver's copy of a message on record. */
export class StoredCopy {
  constructor(
    readonly record: MessageRecord,
    readonly index: number,
  ) {}
}

export function storedCopyOf({ stored }: OutboundMessage): StoredCopy | undefined {
  return stored instanceof StoredCopy ? stored : undefined;
}
