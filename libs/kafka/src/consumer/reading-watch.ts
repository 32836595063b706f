import type { Logger } from '@milepost/runtime';
import type { OffsetRange } from '../log-record.js';
import { type Generation, nameOf } from './generation.js';
import { Silence } from './silence.js';
import { Standstill } from './standstill.js';

export interface ReadingWatchOptions {
  groupId: string;
  topics: readonly string[];
  rangesOf(topic: string): Promise<ReadonlyMap<number, OffsetRange>>;
  generation(): Generation;
  /** Names of the partitions of which a batch is being worked on, and since when (ms, monotonic). */
  inHand: ReadonlyMap<string, number>;
  /** A partition that is behind, and of which nothing is in hand, may stand still for so long. */
  standstillMs: number;
  /** There may be no positions for so long without a word of why. */
  silenceMs: number;
  logger: Logger;
  /** Gives the client up for another one. */
  renew(): void;
}

/** A batch that has been in hand for longer than this part of what a standstill is holds others up. */
const HOLDS_UP_FROM = 1 / 6;
/** One that is in hand for so many times as long never ends, or is an earlier client's. */
const HOLDS_UP_TO = 10;

/**
 * Sees what heartbeats do not show: that a client is in the group and reads nothing. kafkajs can leave a partition alone without a word (another
 * client reads it), and a consumer was once without positions for minutes, though Kafka and Postgres were there and nothing was logged.
 */
export class ReadingWatch {
  private readonly standstill: Standstill;
  private readonly silence: Silence;

  constructor(private readonly options: ReadingWatchOptions) {
    this.standstill = new Standstill(options.standstillMs);
    this.silence = new Silence(options.silenceMs, performance.now());
  }

  /** An assignment came or went, or it was said why its positions cannot be had. */
  heard(): void {
    this.silence.heard(performance.now());
  }

  /** To be called now and then. */
  async look(): Promise<void> {
    const generation = this.options.generation();
    if (!generation.isPositioned) return this.lookForSilence(generation);
    this.heard();
    if (this.isHeldUp()) return this.standstill.forget();
    const ends = await this.endsOfLogs().catch(() => undefined);
    // Where Kafka does not answer, another watch says so.
    if (ends === undefined) return this.standstill.forget();
    if (generation.isOver) return;
    const still = this.standstill.look(
      generation.partitions.map((partition) => {
        const name = nameOf(partition);
        const position = generation.positionOf(partition) ?? 0n;
        return { name, position, end: ends.get(name) ?? position, inHand: this.options.inHand.has(name) };
      }),
      performance.now(),
    );
    if (still.length > 0)
      this.makeAnew('kafka.consumer.standstill', { partitions: still }, 'Partitions are not read although their log goes on');
  }

  /** kafkajs fetches from a node again when every batch of the last fetch is done: behind a lock in the store all partitions wait, and none is forgotten. */
  private isHeldUp(): boolean {
    const { inHand, standstillMs } = this.options;
    const nowMs = performance.now();
    return [...inHand.values()].some((sinceMs) => {
      const forMs = nowMs - sinceMs;
      return forMs > standstillMs * HOLDS_UP_FROM && forMs < standstillMs * HOLDS_UP_TO;
    });
  }

  private lookForSilence({ number, isOver }: Generation): void {
    this.standstill.forget();
    if (!this.silence.isTooLong(performance.now())) return;
    const what = { generation: number, isOver };
    this.makeAnew('kafka.consumer.silent', what, 'The client has had no positions to read from for long, without a word of why');
  }

  private makeAnew(event: string, what: object, message: string): void {
    const { logger, groupId, renew } = this.options;
    this.standstill.forget();
    this.heard();
    logger.error({ event, groupId, ...what }, `${message}; making the client anew`);
    renew();
  }

  private async endsOfLogs(): Promise<ReadonlyMap<string, bigint>> {
    const { topics, rangesOf } = this.options;
    const ends = new Map<string, bigint>();
    for (const topic of topics) for (const [partition, { end }] of await rangesOf(topic)) ends.set(nameOf({ topic, partition }), end);
    return ends;
  }
}
