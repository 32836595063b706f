import { type Topic, topics } from '@milepost/contracts';
import type { Logger } from '@milepost/runtime';
import type { ReadableLog } from '../log/message-log.js';
import { type MendingWriter, readKeptState } from './recovery.js';
import type { StateWriter } from './state-writer.js';

export interface LateCopiesOptions {
  reader: ReadableLog;
  logger: Logger;
}

/** Whoever lets a request time out carries it out within seconds, or when it comes to itself again; compaction leaves a record alone for longer. */
const LOOKS_AFTER_MS = [60_000, 900_000] as const;

/**
 * Copies of state records that Kafka appends behind their successors: a request that timed out and was sent again may be carried out late
 * (FACTS). A reader is not deceived, for stamps say what counts, but compaction keeps the last record. So what was written behind a
 * record that had to be sent again is read back a minute and a quarter of an hour later, and what a late copy stands behind is written anew.
 */
export class LateCopies {
  /** By topic and partition: the first record that was sent more than once. */
  private readonly from = new Map<Topic, Map<number, bigint>>();
  private looks = 0;
  private state: 'idle' | 'looking' | 'closed' = 'idle';
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: LateCopiesOptions) {}

  /** That record was stored at last; an earlier attempt of it may be to come. */
  suspect(writer: StateWriter, topic: Topic, partition: number, offset: bigint): void {
    // A message's key is used once: a late copy of it does nothing.
    if (topic === topics.mqttMessages) return;
    const offsets = this.from.get(topic) ?? new Map<number, bigint>();
    this.from.set(topic, offsets);
    const known = offsets.get(partition);
    if (known === undefined || offset < known) offsets.set(partition, offset);
    this.looks = 0;
    this.lookLater(writer);
  }

  close(): void {
    this.state = 'closed';
    clearTimeout(this.timer);
  }

  private lookLater(writer: StateWriter): void {
    clearTimeout(this.timer);
    if (this.state !== 'idle') return;
    const afterMs = LOOKS_AFTER_MS[this.looks];
    if (afterMs === undefined) {
      this.from.clear();
      return;
    }
    this.timer = setTimeout(() => void this.look(writer), afterMs);
    this.timer.unref();
  }

  private async look(writer: StateWriter): Promise<void> {
    this.looks += 1;
    this.state = 'looking';
    const { reader, logger } = this.options;
    writer.noteWrites();
    const state = await readKeptState(reader, logger, new Map(this.from));
    const keys = state.mend(leavingAlone(writer));
    writer.forgetWrites();
    if (keys > 0)
      logger.warn({ event: 'broker.state.mended', keys }, 'Late copies stood behind what counts in the MQTT state; it was written anew');
    if (this.state === 'looking') this.state = 'idle';
    this.lookLater(writer);
  }
}

/** What is written meanwhile stands behind the late copy, and is later than what was read. */
function leavingAlone(writer: StateWriter): MendingWriter {
  const left = Promise.resolve({ kind: 'withheld' as const, code: 'replaced' as const, message: 'It was written meanwhile' });
  return {
    put: (topic, key, ...rest) => (writer.wrote(topic, key) ? left : writer.put(topic, key, ...rest)),
    remove: (topic, key, owner) => (writer.wrote(topic, key) ? left : writer.remove(topic, key, owner)),
  };
}
