import type { LogRecord, LogWriter } from '@milepost/kafka';

/** Where the broker makes things durable: Kafka, or memory in tests and conformance runs. */
export type MessageLog = Pick<LogWriter, 'append' | 'put' | 'putAll' | 'lastAnswerAtMs'>;

/** Offsets by partition, by topic. */
export type StartingPoints = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

/** A log that can be read back, to find what a process before this one left. */
export interface ReadableLog {
  /**
   * Everything in these topics up to now, in order within a partition. Waits for the log as long as it takes. `from`: of the partitions that
   * are named there, from their offset on, and nothing of others.
   */
  readAll(topics: readonly string[], onRecord: (record: LogRecord) => void, from?: StartingPoints): Promise<void>;
}

/** DESIGN "Broker to Kafka": after this long without an answer to a produce request, CONNECT is answered 0x88. */
const UNANSWERED_MS = 5_000;

export function isAnswering(log: Pick<MessageLog, 'lastAnswerAtMs'>): boolean {
  return performance.now() - log.lastAnswerAtMs < UNANSWERED_MS;
}
