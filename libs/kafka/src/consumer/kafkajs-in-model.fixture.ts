import { turn } from './batch-consumer.fixture.js';
import type { GroupMember, GroupMemberHandlers } from './group-member.js';
import type { FetchedBatch } from './handler-batch.js';

export const topic = 't';
export const NODES = [0, 1, 2];

/** What one fetch brings of each partition, and after how many turns; `atEnd`: its node says that the log ends there. */
export interface ModelFetch {
  records: number;
  turns: number;
  atEnd: boolean;
}

/** Logs that are as they are, each partition led by one of the nodes; the others answer all the same, as Kafka's do (KIP-392). */
export class ModelKafka {
  /** By partition. */
  readonly leaders: number[];
  #fetches = 0;

  constructor(
    /** Offsets of each partition, ascending. */
    readonly logs: readonly (readonly bigint[])[],
    private readonly fetches: readonly ModelFetch[],
  ) {
    this.leaders = logs.map(() => 0);
  }

  end(partition: number): bigint {
    return (this.logs[partition]?.at(-1) ?? -1n) + 1n;
  }

  nextFetch(): ModelFetch {
    return this.fetches[this.#fetches++ % this.fetches.length] ?? { records: 1, turns: 0, atEnd: false };
  }
}

type Answer = Pick<FetchedBatch, 'partition' | 'askedFrom' | 'records' | 'highWatermark'>;

/**
 * A client in a group as kafkajs 2.2.4 has it: a fetcher for each node, which asks again when all that its last answer brought is done with; an answer
 * counts for nothing while its partition is held, was sought anew or is another fetcher's; offsets that are resolved belong to the assignment of now.
 */
export class ModelClient implements GroupMember {
  #assigned: readonly number[] = [];
  #isFetching = false;
  #fetchers: Promise<void>[] = [];
  #next = new Map<number, bigint>();
  readonly #held = new Set<number>();
  readonly #seeks = new Map<number, bigint>();
  readonly #fetcherOf = new Map<number, number>();
  #closed = false;

  constructor(
    private readonly kafka: ModelKafka,
    private readonly handlers: GroupMemberHandlers,
    /** Rejects where it finds a rebalance. */
    private readonly heartbeat: () => Promise<void>,
  ) {}

  async start(): Promise<void> {}
  holdAll(partitions: readonly { partition: number }[]): void {
    this.#held.clear();
    for (const { partition } of partitions) this.#held.add(partition);
  }
  release(partitions: readonly { partition: number }[]): void {
    for (const { partition } of partitions) this.#held.delete(partition);
  }
  seek({ partition }: { partition: number }, offset: bigint): void {
    this.#seeks.set(partition, offset);
  }
  async commit(): Promise<void> {}
  async close(): Promise<void> {
    this.#closed = true;
  }

  get assigned(): readonly number[] {
    return this.#assigned;
  }

  /** Where a heartbeat finds a rebalance: what is in hand comes to its end first. */
  async joinAgain(partitions: readonly number[]): Promise<void> {
    this.#isFetching = false;
    await Promise.all(this.#fetchers);
    if (this.#closed) return;
    this.handlers.onRebalancing();
    await turn();
    this.joinBeside(partitions);
    if (this.#isFetching) return;
    this.#isFetching = true;
    this.#fetchers = NODES.map((node) => this.#fetchFrom(node));
  }

  /** Where one fetcher finds that a leader is none any more: the others fetch on meanwhile. */
  joinBeside(partitions: readonly number[]): void {
    if (this.#closed) return;
    this.#assigned = partitions;
    this.#next = new Map();
    this.handlers.onJoined(partitions.map((partition) => ({ topic, partition })));
  }

  async #fetchFrom(node: number): Promise<void> {
    while (this.#isFetching && !this.#closed) {
      const asked = this.#ask(node);
      const { records, turns, atEnd } = this.kafka.nextFetch();
      const answers = asked.map(({ partition, from }) => this.#answer(partition, from, records, atEnd));
      for (let n = 0; n <= turns; n += 1) await turn();
      if (this.#isFetching && !this.#closed) await this.#handOver(node, answers);
    }
  }

  #ask(node: number): { partition: number; from: bigint }[] {
    const led = this.#assigned.filter((partition) => this.kafka.leaders[partition] === node);
    for (const partition of led) {
      const sought = this.#seeks.get(partition);
      if (sought !== undefined) this.#next.set(partition, sought);
      this.#seeks.delete(partition);
    }
    return led.filter((partition) => !this.#held.has(partition)).map((partition) => ({ partition, from: this.#next.get(partition) ?? 0n }));
  }

  #answer(partition: number, askedFrom: bigint, most: number, atEnd: boolean): Answer {
    const offsets = (this.kafka.logs[partition] ?? []).filter((offset) => offset >= askedFrom).slice(0, most);
    const records = offsets.map((offset) => ({ topic, partition, offset, key: null, value: null, headers: {}, timestampMs: 0 }));
    return { partition, askedFrom, records, highWatermark: atEnd ? (offsets.at(-1) ?? 0n) + 1n : this.kafka.end(partition) };
  }

  async #handOver(node: number, answers: readonly Answer[]): Promise<void> {
    const mine = answers.filter(
      ({ partition, records }) =>
        records.length > 0 &&
        !this.#held.has(partition) &&
        !this.#seeks.has(partition) &&
        (this.#fetcherOf.get(partition) ?? node) === node,
    );
    for (const { partition } of mine) this.#fetcherOf.set(partition, node);
    await Promise.allSettled(
      mine.map((answer) =>
        this.handlers.onBatch({
          ...answer,
          topic,
          askedAtMs: 0,
          heartbeat: this.heartbeat,
          resolve: (offset) => void this.#next.set(answer.partition, offset + 1n),
        }),
      ),
    );
    for (const { partition } of mine) this.#fetcherOf.delete(partition);
  }
}
