import { createLogger } from '@milepost/runtime';
import { onTestFinished } from 'vitest';
import type { LogRecord, OffsetRange, TopicPartition } from '../log-record.js';
import { type BatchConsumerOptions, createBatchConsumerOn } from './batch-consumer.js';
import type { GroupMember, GroupMemberHandlers } from './group-member.js';
import type { RecordBatch } from './handler-batch.js';

const logger = createLogger({ app: 'test', level: 'silent' });
export const topic = 't';
/** What is due at once has happened. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A group of one member for unit tests; the test plays the coordinator and the fetches. */
export class FakeMember implements GroupMember {
  readonly held = new Set<number>();
  readonly seeks = new Map<number, bigint>();
  readonly resolved: bigint[] = [];
  readonly committed: (TopicPartition & { offset: bigint })[] = [];
  /** As kafkajs does it, the next fetch asks from there. */
  private readonly sought = new Map<number, bigint>();
  heartbeats = 0;
  /** Where the log ends when something is fetched. */
  highWatermark = 100n;
  /** When what comes next was fetched. */
  askedAtMs = 1;
  closed = false;

  constructor(readonly handlers: GroupMemberHandlers) {}

  async start(): Promise<void> {}
  holdAll(partitions: readonly TopicPartition[]): void {
    this.held.clear();
    for (const { partition } of partitions) this.held.add(partition);
  }
  release(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) this.held.delete(partition);
  }
  seek({ partition }: TopicPartition, offset: bigint): void {
    this.seeks.set(partition, offset);
    this.sought.set(partition, offset);
  }
  async commit(positions: readonly (TopicPartition & { offset: bigint })[]): Promise<void> {
    this.committed.push(...positions);
  }
  async close(): Promise<void> {
    this.closed = true;
  }

  join(...partitions: number[]): void {
    this.handlers.onJoined(partitions.map((partition) => ({ topic, partition })));
  }
  fetch(partition: number, ...offsets: number[]): Promise<void> {
    const askedFrom = this.sought.get(partition) ?? BigInt(offsets[0] ?? 0);
    this.sought.delete(partition);
    return this.answer(partition, askedFrom, offsets);
  }
  answer(partition: number, askedFrom: bigint, offsets: readonly number[]): Promise<void> {
    const records: LogRecord[] = offsets.map((offset) => ({
      topic,
      partition,
      offset: BigInt(offset),
      key: null,
      value: null,
      headers: {},
      timestampMs: 0,
    }));
    return this.handlers.onBatch({
      topic,
      partition,
      records,
      askedFrom,
      highWatermark: this.highWatermark,
      askedAtMs: this.askedAtMs,
      heartbeat: async () => {
        this.heartbeats += 1;
      },
      resolve: (offset) => void this.resolved.push(offset),
    });
  }
}

/** A consumer whose store says 10 of each partition. */
export async function startConsumer(
  options: Partial<BatchConsumerOptions> = {},
  range: OffsetRange | (() => OffsetRange) = { start: 0n, end: 100n },
  partitions: readonly number[] = [0, 1, 2],
) {
  const members: FakeMember[] = [];
  const batches: RecordBatch[] = [];
  const fatal: Error[] = [];
  const consumer = createBatchConsumerOn(
    (_settings, handlers) => {
      const member = new FakeMember(handlers);
      members.push(member);
      return member;
    },
    async () => new Map(partitions.map((partition) => [partition, typeof range === 'function' ? range() : range])),
    {
      groupId: 'g',
      topics: [topic],
      logger,
      positionOf: async () => 10n,
      onBatch: async (batch) => {
        batches.push(batch);
        return { kind: 'done' };
      },
      onFatal: (error) => void fatal.push(error),
      ...options,
    },
  );
  onTestFinished(() => consumer.stop({ timeoutMs: 10 }));
  await consumer.start();
  const [member] = members;
  if (member === undefined) throw new Error('no member was opened');
  return { consumer, member, members, batches, fatal };
}

/** Of its records. */
export const offsets = (batch: RecordBatch | undefined) => batch?.records.map(({ offset }) => Number(offset));
