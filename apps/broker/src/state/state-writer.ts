import { mqttHeaders, type Removal, type Topic, topics } from '@milepost/contracts';
import { type AppendOutcome, partitionOf } from '@milepost/kafka';
import type { MessageLog } from '../log/message-log.js';
import type { Stamp } from '../log/stamp.js';

export interface StateWriterOptions {
  log: MessageLog;
  node: string;
  epoch: number;
  partitions: number;
  /** A record whose earlier attempt was not answered: a copy of it may still come behind its successors. */
  onResent?: (topic: Topic, partition: number, offset: bigint) => void;
}

/** Of what was written before somebody wanted to know of later writes, or since. */
interface Unsettled {
  count: number;
  /** Called when none is left. */
  none?: () => void;
}

/** Writes the broker's own state, every record with the next stamp of this process. */
export class StateWriter {
  private counter = 0;
  /** Keys that were written since somebody wants to know, but those of messages: each is used once, and there is no end of them. */
  private written: Set<string> | undefined;
  private unsettled: Unsettled = { count: 0 };

  constructor(private readonly options: StateWriterOptions) {}

  /** For one record. Later stamps are higher. */
  stamp(): Stamp {
    const { node, epoch } = this.options;
    return { node, epoch, counter: ++this.counter };
  }

  /** From now on `wrote` knows. Resolves when what was written before is stored, or will not be; one waits at a time. */
  noteWrites(): Promise<void> {
    this.written = new Set();
    const before = this.unsettled;
    this.unsettled = { count: 0 };
    return before.count === 0 ? Promise.resolve() : new Promise((resolve) => (before.none = resolve));
  }

  wrote(topic: Topic, key: string): boolean {
    return this.written?.has(`${topic} ${key}`) === true;
  }

  forgetWrites(): void {
    this.written = undefined;
  }

  /** `owner`: all records of one owner keep their order, whatever their keys. */
  put(topic: Topic, key: string, owner: string, value: Buffer, headers?: Readonly<Record<string, string>>): Promise<AppendOutcome> {
    return this.append(topic, key, owner, value, headers);
  }

  /**
   * The key has nothing any more. `owner`: of its records; or the partition that they stand in, where that was read. `of`: the message that
   * asked for that.
   */
  remove(topic: Topic, key: string, owner: string | number, of?: string): Promise<AppendOutcome> {
    // Of a message the last writing counts, and its receivers have on record how far they took them: a late copy of it does nothing.
    if (topic === topics.mqttMessages) return this.append(topic, key, owner, null);
    const removal: Removal = { ...this.stamp(), ...(of !== undefined && { of }) };
    return this.append(topic, key, owner, null, { [mqttHeaders.removed]: JSON.stringify(removal) });
  }

  private append(
    topic: Topic,
    key: string,
    owner: string | number,
    value: Buffer | null,
    headers?: Readonly<Record<string, string>>,
  ): Promise<AppendOutcome> {
    const { log, partitions, onResent } = this.options;
    if (topic !== topics.mqttMessages) this.written?.add(`${topic} ${key}`);
    const { unsettled } = this;
    unsettled.count += 1;
    const partition = typeof owner === 'number' ? owner : partitionOf(owner, partitions);
    const record = { topic, key, partition, value, ...(headers !== undefined && { headers }) };
    return new Promise((resolve) =>
      log.put(record, {
        settled: (outcome) => {
          if (outcome.kind === 'stored' && outcome.resent === true) onResent?.(topic, outcome.partition, outcome.offset);
          resolve(outcome);
          unsettled.count -= 1;
          if (unsettled.count === 0) unsettled.none?.();
        },
      }),
    );
  }
}
