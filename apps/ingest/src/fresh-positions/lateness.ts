import type { RecordBatch } from '@milepost/kafka';

/** Between what is read and now: what takes longer is a backlog, and not a busy moment. */
export const LATE_MS = 30_000;

/** Which partitions are read long after their records were written. */
export class Lateness {
  readonly #late = new Set<number>();

  get any(): boolean {
    return this.#late.size > 0;
  }

  get count(): number {
    return this.#late.size;
  }

  has(partition: number): boolean {
    return this.#late.has(partition);
  }

  /** Before a batch is stored. @param nowMs wall clock, as the records' timestamps are */
  reading({ partition, records }: Pick<RecordBatch, 'partition' | 'records'>, nowMs: number): void {
    const written = records[0]?.timestampMs ?? nowMs;
    if (nowMs - written > LATE_MS) this.#late.add(partition);
    else this.#late.delete(partition);
  }

  /** A batch that reaches the log's end: where nothing comes any more, no other batch would say so. */
  stored({ partition, nextOffset, highWatermark }: Pick<RecordBatch, 'partition' | 'nextOffset' | 'highWatermark'>): void {
    if (nextOffset >= highWatermark) this.#late.delete(partition);
  }

  /** The partitions went elsewhere. */
  reset(): void {
    this.#late.clear();
  }
}
