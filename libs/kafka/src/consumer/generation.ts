import type { TopicPartition } from '../log-record.js';

/** One assignment of partitions, from joining the group to the next rebalance. */
export class Generation {
  readonly #positions = new Map<string, bigint>();
  /** Positions at which the log was looked at and has a gap: kafkajs did not jump there by itself. */
  readonly #gaps = new Map<string, bigint>();
  #over = false;
  #positioned = false;

  constructor(
    readonly number: number,
    readonly partitions: readonly TopicPartition[],
  ) {}

  get isOver(): boolean {
    return this.#over;
  }

  /** Every position is set. */
  get isPositioned(): boolean {
    return this.#positioned && !this.#over;
  }

  end(): void {
    this.#over = true;
  }

  markPositioned(): void {
    this.#positioned = true;
  }

  /** The offset that must come next; undefined until it is known. */
  positionOf(partition: TopicPartition): bigint | undefined {
    return this.#positions.get(nameOf(partition));
  }

  moveTo(partition: TopicPartition, offset: bigint): void {
    this.#positions.set(nameOf(partition), offset);
  }

  /**
   * Whether a batch that begins with this offset, at the position or behind it, is the next one. Where records are missing in front of it, no, the
   * first time: look at the log before believing it. What was looked at counts for one batch: where that is not stored, a later one may have been
   * read ahead of it.
   */
  isNext(partition: TopicPartition, position: bigint, first: bigint): boolean {
    const name = nameOf(partition);
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
