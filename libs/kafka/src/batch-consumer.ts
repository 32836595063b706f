import type { Logger, Registry } from '@milepost/runtime';
import type { KafkaConnection } from './connection.js';
import type { LogRecord, OffsetRange, TopicPartition } from './log-record.js';

/** Consecutive records of one partition. */
export interface RecordBatch {
  topic: string;
  partition: number;
  /** At least one, ascending. */
  records: readonly LogRecord[];
  /** Of the first record: what the caller's stored position must equal. */
  firstOffset: bigint;
  /** What the position becomes when all are done: the last record's offset + 1. */
  nextOffset: bigint;
  /** The log's end when this was fetched. */
  highWatermark: bigint;
  /** Counts the assignments of this consumer. */
  generation: number;
  /** The partition was taken away, or the consumer stops: roll back and return. */
  isStale(): boolean;
  /** Call at least every few seconds while working. Throws when the group rebalances: let it through. */
  heartbeat(): Promise<void>;
}

/** `reposition`: ask `positionOf` again and go there; nothing of the batch counts as done. */
export type BatchOutcome = { kind: 'done' } | { kind: 'reposition' };

export interface BatchConsumerOptions {
  groupId: string;
  topics: readonly string[];
  logger: Logger;
  registry?: Registry;
  onBatch(batch: RecordBatch): Promise<BatchOutcome>;
  /**
   * Where to go on, asked after every assignment and after `reposition`. The truth is the caller's store.
   * `range` is the log's present extent: a position outside of it is the caller's to judge; one below is read from the start, one above is fatal.
   */
  positionOf(topic: string, partition: number, range: OffsetRange): Promise<bigint | 'log-start' | 'log-end'>;
  /** After the positions are set, before the first batch. Empty when there are more members than partitions. */
  onAssigned?(partitions: readonly TopicPartition[], generation: number): void | Promise<void>;
  /** The generation is over: nothing of it may be written any more. */
  onRevoked?(): void | Promise<void>;
  /** What cannot be mended from inside: leave the process. */
  onFatal(error: Error): void;
  /** How long Kafka may hold an empty fetch back; seeks wait as long. */
  maxWaitMs?: number;
  maxPartitionBytes?: number;
  partitionsConcurrently?: number;
  sessionTimeoutMs?: number;
  /** No heartbeat and no fetch for so long: the client is thrown away and made anew. */
  watchdogMs?: number;
  /** Commit offsets to Kafka, for lag tools; nothing here reads them. */
  commitOffsets?: boolean;
}

export interface BatchConsumer {
  start(): Promise<void>;
  /** Waits for the running batches, then leaves the group. */
  stop(options?: { timeoutMs?: number }): Promise<void>;
  /** Partitions whose positions are set. */
  assigned(): readonly TopicPartition[];
  /** Member of a generation, with every position set. */
  readonly ready: boolean;
}

export function createBatchConsumer(_connection: KafkaConnection, _options: BatchConsumerOptions): BatchConsumer {
  throw new Error('not here yet');
}
