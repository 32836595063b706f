import type { Logger } from '@milepost/runtime';
import type { KafkaConnection } from './connection.js';
import type { LogRecord } from './log-record.js';

export interface LogTailOptions {
  topic: string;
  logger: Logger;
  /** In order within a partition; the next waits for the promise. */
  onRecord(record: LogRecord): void | Promise<void>;
  /** `end`: records appended after `start` resolved. */
  from: 'end' | 'start' | { timestampMs: number } | { offsets: ReadonlyMap<number, bigint> };
  onFatal(error: Error): void;
}

/** Reads every partition of a topic, in a group of its own that is deleted at close. */
export interface LogTail {
  /** Resolves when every partition has its position. */
  start(): Promise<void>;
  /** Resolves when everything that was in the log at the time of the call has gone through `onRecord`. Rejects when the signal is aborted. */
  readToEnd(options?: { signal?: AbortSignal }): Promise<void>;
  /** The next offset of each partition. */
  positions(): ReadonlyMap<number, bigint>;
  readonly ready: boolean;
  close(): Promise<void>;
}

export function createLogTail(_connection: KafkaConnection, _options: LogTailOptions): LogTail {
  throw new Error('not here yet');
}
