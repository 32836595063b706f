import type { Logger, Registry } from '@milepost/runtime';
import type { KafkaConnection } from './connection.js';
import type { RecordToAppend } from './log-record.js';

/**
 * What became of a record.
 * - `stored`: on every in-sync replica (acks = -1). Only this may be acknowledged.
 * - `refused`: Kafka will never take this record (too large, invalid); sending it again is of no use.
 * - `withheld`: given up before it was known to be stored. It may be in the log or not: never acknowledge it.
 *   `replaced` by a newer one with the same `replaces`, `buffer_full`, or `closed` with the writer.
 */
export type AppendOutcome =
  | { kind: 'stored'; partition: number; offset: bigint; timestampMs: number }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'withheld'; code: 'replaced' | 'buffer_full' | 'closed'; message: string };

export interface AppendOptions {
  /** Takes the place of a queued record of the same partition and the same name that is not on its way yet; goes to the end of the queue. */
  replaces?: string;
}

export interface LogWriterOptions {
  logger: Logger;
  registry?: Registry;
  /** How long the first record of a batch waits for others. */
  lingerMs?: number;
  /** Records a batch of one partition. */
  maxBatchRecords?: number;
  /** Encoded bytes a batch of one partition; a larger record goes alone. */
  maxPartitionBytes?: number;
  /** Bytes queued and on their way; beyond, `append` answers `withheld`. Stop reading from clients well before. */
  maxBufferedBytes?: number;
}

export interface LogWriter {
  /** Never rejects. While Kafka is away the promise stays pending; records of a partition are stored in the order of the calls. */
  append(record: RecordToAppend, options?: AppendOptions): Promise<AppendOutcome>;
  /** When Kafka last stored or refused something for this process (ms since the epoch); when the writer was made, before the first. */
  readonly lastAnswerAtMs: number;
  /** Queued and on their way. */
  readonly bufferedBytes: number;
  readonly bufferedRecords: number;
  /** Resolves when everything appended before has its outcome. */
  flush(): Promise<void>;
  /** Takes nothing more, flushes, and withholds what has no outcome when the time is over. */
  close(options: { timeoutMs: number }): Promise<void>;
}

export function createLogWriter(_connection: KafkaConnection, _options: LogWriterOptions): LogWriter {
  throw new Error('not here yet');
}
