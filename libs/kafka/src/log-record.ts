/** What is appended to a topic. Topics have their logical names here and everywhere outside Kafka itself. */
export interface RecordToAppend {
  topic: string;
  /** Decides the partition (murmur2) unless one is named; null and no partition: any. */
  key: string | null;
  /** null is a tombstone. */
  value: Buffer | null;
  headers?: Readonly<Record<string, string | Buffer>>;
  /** Ignored by topics with LogAppendTime; now, when absent. */
  timestampMs?: number;
  partition?: number;
}

/** Records of one partition that differ in their values alone, in their order. */
export interface RecordsToAppend extends Omit<RecordToAppend, 'value'> {
  values: readonly Buffer[];
}

/** What is read from a topic. */
export interface LogRecord {
  topic: string;
  partition: number;
  offset: bigint;
  key: string | null;
  value: Buffer | null;
  /** As bytes: a replay must give back what was there. Of a repeated header the last. */
  headers: Readonly<Record<string, Buffer>>;
  timestampMs: number;
}

/** A header as text; undefined when the record does not carry it. */
export function headerText(record: Pick<LogRecord, 'headers'>, name: string): string | undefined {
  return record.headers[name]?.toString('utf8');
}

export interface TopicPartition {
  topic: string;
  partition: number;
}

/** `end` is the offset that the next record will get. */
export interface OffsetRange {
  start: bigint;
  end: bigint;
}
