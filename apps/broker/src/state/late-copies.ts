import { type Topic, topics } from '@milepost/contracts';
import type { Logger } from '@milepost/runtime';
import type { ReadableLog } from '../log/message-log.js';
import type { MendingWriter } from './kept-state.js';
import { readKeptState } from './read-kept-state.js';
import type { StateWriter } from './state-writer.js';

export interface LateCopiesOptions {
  reader: ReadableLog;
  logger: Logger;
}

/**
 * After the first suspicion of a round, which takes in those of its first minute: whoever lets a request time out carries it out within
 * seconds, or when it comes to itself again. Each suspicion has a look a minute or two after it, and one a quarter of an hour after.
 * Compaction leaves closed segments alone for a minute, and closes one after an hour.
 */
const LOOKS_AFTER_MS = [60_000, 120_000, 960_000] as const;

/** By topic and partition: the first record that was sent more than once. */
type Suspects = Map<Topic, Map<number, bigint>>;

/**
 * Copies of state records that Kafka appends behind their successors: a request that timed out and was sent again may be carried out late
 * (FACTS). A reader is not deceived, for stamps say what counts, but compaction keeps the last record. So what was written behind a
 * record that had to be sent again is read back a minute and a quarter of an hour later, and what a late copy stands behind is written anew.
 * No later suspicion puts a look off, and no look goes on reading what was suspected long ago.
 */
export class LateCopies {
  /** Of the round that takes in more. */
  private round: Suspects | undefined;
  /** What the next look reads. */
  private due: Suspects = new Map();
  private state: 'idle' | 'looking' | 'closed' = 'idle';
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(private readonly options: LateCopiesOptions) {}

  /** That record was stored at last; an earlier attempt of it may be to come. */
  suspect(writer: StateWriter, topic: Topic, partition: number, offset: bigint): void {
    // A message's key is used once: a late copy of it does nothing.
    if (topic === topics.mqttMessages || this.state === 'closed') return;
    this.round ??= this.beginRound(writer);
    noteFirst(this.round, topic, partition, offset);
  }

  close(): void {
    this.state = 'closed';
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private beginRound(writer: StateWriter): Suspects {
    const round: Suspects = new Map();
    for (const afterMs of LOOKS_AFTER_MS) {
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        if (this.round === round) this.round = undefined;
        for (const [topic, offsets] of round) for (const [partition, offset] of offsets) noteFirst(this.due, topic, partition, offset);
        void this.lookAtDue(writer);
      }, afterMs);
      timer.unref();
      this.timers.add(timer);
    }
    return round;
  }

  /** One look at a time: those that fall due meanwhile are the next one together. */
  private async lookAtDue(writer: StateWriter): Promise<void> {
    if (this.state !== 'idle') return;
    this.state = 'looking';
    while (this.due.size > 0 && this.isLooking()) {
      const from = this.due;
      this.due = new Map();
      await this.look(writer, from);
    }
    if (this.isLooking()) this.state = 'idle';
  }

  private async look(writer: StateWriter, from: Suspects): Promise<void> {
    const { reader, logger } = this.options;
    // What was on its way before may come behind what is read: nobody would know that it was written.
    await writer.noteWrites();
    const state = await readKeptState(reader, logger, from);
    if (!this.isLooking()) return;
    const keys = state.mend(leavingAlone(writer));
    writer.forgetWrites();
    if (keys > 0)
      logger.warn({ event: 'broker.state.mended', keys }, 'Late copies stood behind what counts in the MQTT state; it was written anew');
  }

  /** It may have been closed while something was waited for. */
  private isLooking(): boolean {
    return this.state === 'looking';
  }
}

function noteFirst(suspects: Suspects, topic: Topic, partition: number, offset: bigint): void {
  const offsets = suspects.get(topic) ?? new Map<number, bigint>();
  suspects.set(topic, offsets);
  const known = offsets.get(partition);
  if (known === undefined || offset < known) offsets.set(partition, offset);
}

/** What is written meanwhile stands behind the late copy, and is later than what was read. */
function leavingAlone(writer: StateWriter): MendingWriter {
  const left = Promise.resolve({ kind: 'withheld' as const, code: 'replaced' as const, message: 'It was written meanwhile' });
  return {
    put: (topic, key, ...rest) => (writer.wrote(topic, key) ? left : writer.put(topic, key, ...rest)),
    remove: (topic, key, ...rest) => (writer.wrote(topic, key) ? left : writer.remove(topic, key, ...rest)),
  };
}
