import { setMaxListeners } from 'node:events';
import type { TopicPartition } from '../log-record.js';

/** One assignment of partitions, from joining the group to the next rebalance. */
export class Generation {
  readonly #positions = new Map<string, bigint>();
  /** Positions at which the log was looked at and has a gap: kafkajs did not jump there by itself. */
  readonly #gaps = new Map<string, bigint>();
  /** As far as batches went to the caller before they were stored; gone where the position is. */
  readonly #aheadTo: Map<string, bigint>;
  readonly #ended = new AbortController();
  #over = false;
  #positioned = false;

  constructor(
    readonly number: number,
    readonly partitions: readonly TopicPartition[],
    /** What it read ahead in vain may still come, of a node that was asked then. */
    before?: Generation,
  ) {
    this.#aheadTo = new Map(before ? before.#aheadTo : []);
    // A batch of every partition may wait at a time.
    setMaxListeners(0, this.#ended.signal);
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Every position is set. */
  get isPositioned(): boolean {
    return this.#positioned && !this.#over;
  }

  /** Resolves with the work, which does not reject, or as soon as the generation is over. Leaves nothing behind. */
  orOver(work: Promise<void>): Promise<void> {
    const { signal } = this.#ended;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const over = () => {
        signal.removeEventListener('abort', over);
        resolve();
      };
      signal.addEventListener('abort', over);
      void work.then(over);
    });
  }

  end(): void {
    this.#over = true;
    this.#ended.abort();
  }

  markPositioned(): void {
    this.#positioned = true;
  }

  /** The offset that must come next; undefined until it is known. */
  positionOf(partition: TopicPartition): bigint | undefined {
    return this.#positions.get(nameOf(partition));
  }

  moveTo(partition: TopicPartition, offset: bigint): void {
    const name = nameOf(partition);
    this.#positions.set(name, offset);
    if (offset >= (this.#aheadTo.get(name) ?? 0n)) this.#aheadTo.delete(name);
  }

  /** What lies before this offset is with the caller, and is fetched no more unless it comes to nothing. */
  readAheadTo(partition: TopicPartition, offset: bigint): void {
    const name = nameOf(partition);
    if (offset > (this.#aheadTo.get(name) ?? 0n)) this.#aheadTo.set(name, offset);
  }

  /**
   * Whether a batch that begins with `first`, at the position or behind it, is the next one. Where records are missing in front of it, no, the
   * first time: look at the log before believing it. What was looked at counts for one batch. One that was asked for behind a batch that came to
   * nothing says nothing of the log, however late it comes (of a node that leads no more).
   */
  isNext(partition: TopicPartition, position: bigint, { first, askedFrom }: { first: bigint; askedFrom: bigint }): boolean {
    const name = nameOf(partition);
    if (askedFrom > position && askedFrom <= (this.#aheadTo.get(name) ?? -1n)) return false;
    if (first > position && this.#gaps.get(name) !== position) {
      this.#gaps.set(name, position);
      return false;
    }
    this.#gaps.delete(name);
    return true;
  }
}

/** Of a partition, for maps. */
export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
