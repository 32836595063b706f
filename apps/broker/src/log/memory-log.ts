import {
  type AppendOptions,
  type AppendOutcome,
  type LogRecord,
  type OutcomeReceiver,
  partitionOf,
  type RecordsToAppend,
  type RecordToAppend,
  type RunReceiver,
} from '@milepost/kafka';
import type { MessageLog, ReadableLog, StartingPoints } from './message-log.js';

export interface StoredRecord extends RecordToAppend {
  partition: number;
  offset: bigint;
}

interface Waiting {
  record: RecordToAppend;
  replaces: string | undefined;
  settle(outcome: AppendOutcome): void;
}

/** A log without Kafka, for tests and conformance runs. While `paused` it behaves as Kafka does when it is away: nothing is answered. */
export class MemoryLog implements MessageLog, ReadableLog {
  readonly records: StoredRecord[] = [];
  /** Answers `refused` instead of storing. */
  refuses: ((record: RecordToAppend) => boolean) | undefined;
  private answeredAtMs = performance.now();
  private saidAtMs: number | undefined;
  private paused = false;
  private waiting: Waiting[] = [];
  private readonly ends = new Map<string, bigint>();

  private readonly partitions: number;
  private readonly now: () => number;
  private readonly keep: boolean;

  /** `keep` false: records are answered and forgotten, for runs without end. */
  constructor({ partitions = 1, now = Date.now, keep = true }: { partitions?: number; now?: () => number; keep?: boolean } = {}) {
    this.partitions = partitions;
    this.now = now;
    this.keep = keep;
  }

  /** Memory answers at once, unless it is paused or a test says when it did. */
  get lastAnswerAtMs(): number {
    return this.saidAtMs ?? (this.paused ? this.answeredAtMs : performance.now());
  }

  set lastAnswerAtMs(atMs: number) {
    this.saidAtMs = atMs;
  }

  append(record: RecordToAppend, { replaces }: AppendOptions = {}): Promise<AppendOutcome> {
    return new Promise((settle) => {
      if (replaces !== undefined) {
        const index = this.waiting.findIndex((w) => w.replaces === replaces && w.record.partition === record.partition);
        if (index >= 0)
          this.waiting.splice(index, 1)[0]?.settle({ kind: 'withheld', code: 'replaced', message: 'A newer record took its place' });
      }
      this.waiting.push({ record, replaces, settle });
      if (!this.paused) this.store();
    });
  }

  put(record: RecordToAppend, receiver: OutcomeReceiver, options?: AppendOptions): void {
    void this.append(record, options).then((outcome) => receiver.settled(outcome));
  }

  putAll({ values, ...common }: RecordsToAppend, receiver: RunReceiver): void {
    for (const [index, value] of values.entries())
      this.put({ ...common, value }, { settled: (outcome) => receiver.settled(outcome, index, 1) });
  }

  readAll(topics: readonly string[], onRecord: (record: LogRecord) => void, from?: StartingPoints): Promise<void> {
    for (const { topic, partition, offset, key, value, headers = {}, timestampMs = 0 } of this.records) {
      const start = from === undefined ? 0n : from.get(topic)?.get(partition);
      if (!topics.includes(topic) || start === undefined || offset < start) continue;
      const bytes = Object.entries(headers).map(([name, header]): [string, Buffer] => [name, Buffer.from(header)]);
      onRecord({ topic, partition, offset, key, value, headers: Object.fromEntries(bytes), timestampMs });
    }
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.store();
  }

  private store(): void {
    const due = this.waiting;
    this.waiting = [];
    for (const { record, settle } of due) {
      this.answeredAtMs = performance.now();
      this.saidAtMs = undefined;
      if (this.refuses?.(record) === true) settle({ kind: 'refused', code: 'REFUSED', message: 'The test refuses it' });
      else settle(this.stored(record));
    }
  }

  protected stored(record: RecordToAppend): AppendOutcome {
    const partition = record.partition ?? (record.key === null ? 0 : partitionOf(record.key, this.partitions));
    const lane = `${record.topic}/${partition}`;
    const offset = this.ends.get(lane) ?? 0n;
    this.ends.set(lane, offset + 1n);
    const timestampMs = record.timestampMs ?? this.now();
    if (this.keep) this.records.push({ ...record, partition, offset, timestampMs });
    return { kind: 'stored', partition, offset, timestampMs };
  }
}
