import type { LogRecord } from '../log-record.js';
import type { Generation } from './generation.js';

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
  /** When Kafka was asked for it (`performance.now()`): all that was in the log by then is below `highWatermark`. */
  askedAtMs: number;
  /** Counts the assignments of this consumer. */
  generation: number;
  /** The partition was taken away, or the consumer stops: roll back and return. */
  isStale(): boolean;
  /** Call at least every few seconds while working. Throws when the group rebalances: let it through. */
  heartbeat(): Promise<void>;
}

/** `reposition`: ask `positionOf` again and go there; nothing of the batch counts as done. */
export type BatchOutcome = { kind: 'done' } | { kind: 'reposition' };

/** What one fetch brought for a partition. */
export interface FetchedBatch {
  topic: string;
  partition: number;
  records: readonly LogRecord[];
  /** The offset that was asked for: the first record's, or one before it. */
  askedFrom: bigint;
  highWatermark: bigint;
  /** When Kafka was asked for it (`performance.now()`). */
  askedAtMs: number;
  heartbeat(): Promise<void>;
  /** The next fetch begins behind this offset. */
  resolve(offset: bigint): void;
}

/** The log went on behind what was fetched. */
export function leftMore({ records, highWatermark }: FetchedBatch): boolean {
  return highWatermark > (records.at(-1)?.offset ?? highWatermark) + 1n;
}

/** Records of a fetch, at least one, as the caller gets them. */
export function recordBatch(
  fetched: FetchedBatch,
  records: readonly LogRecord[],
  generation: Generation,
  stopped: AbortSignal,
): RecordBatch {
  const { topic, partition, highWatermark, askedAtMs } = fetched;
  return {
    topic,
    partition,
    records,
    firstOffset: records[0]?.offset ?? 0n,
    nextOffset: (records.at(-1)?.offset ?? -1n) + 1n,
    highWatermark,
    askedAtMs,
    generation: generation.number,
    isStale: () => generation.isOver || stopped.aborted,
    // A client that was given up would open a connection again to send one.
    heartbeat: async () => {
      if (!generation.isOver) await fetched.heartbeat();
    },
  };
}
