import { backoffMs, type Logger, sleep } from '@milepost/runtime';
import type { OffsetRange, TopicPartition } from '../log-record.js';
import type { Generation } from './generation.js';
import type { GroupMember } from './group-member.js';
import type { FetchedBatch } from './handler-batch.js';
import { type Position, PositionError, positionInLog } from './position-in-log.js';
import { LOOKS_AT_SHORT_LOG, SHORT_LOG_PAUSE_MS } from './short-log.js';

export interface PositioningOptions {
  groupId: string;
  topics: readonly string[];
  logger: Logger;
  rangesOf(topic: string): Promise<ReadonlyMap<number, OffsetRange>>;
  positionOf(topic: string, partition: number, range: OffsetRange): Promise<Position>;
  onAssigned?: ((partitions: readonly TopicPartition[], generation: number) => void | Promise<void>) | undefined;
  /** It was said why the positions cannot be had yet. */
  onUnknown(): void;
  /** Ends the attempts. */
  stopped: AbortSignal;
}

const BACKOFF = { baseMs: 100, maxMs: 2_000 };

/** Where a generation reads on: asked of the caller's store, judged by the log, and tried again until it is known or somebody else's turn has come. */
export class Positioning {
  constructor(private readonly options: PositioningOptions) {}

  /** Sets the positions of a whole generation, and lets its partitions be read. @throws PositionError when the log is too short at every look. */
  begin(mine: GroupMember, current: Generation): Promise<void> {
    const { topics, onAssigned, logger, groupId } = this.options;
    return this.untilSet(current, async () => {
      for (const topic of topics) {
        const ofTopic = current.partitions.filter((partition) => partition.topic === topic);
        if (ofTopic.length > 0) await this.seekAll(mine, current, topic, ofTopic);
      }
      if (current.isOver) return;
      await onAssigned?.(current.partitions, current.number);
      if (current.isOver) return;
      current.markPositioned();
      logger.info({ event: 'kafka.consumer.positioned', groupId, generation: current.number }, 'Reading goes on where the store stands');
      mine.release(current.partitions);
    });
  }

  /** The position of one partition again, in the middle of its batch. @throws PositionError likewise */
  again(mine: GroupMember, current: Generation, fetched: FetchedBatch): Promise<void> {
    return this.untilSet(current, () => this.seekAll(mine, current, fetched.topic, [fetched]), fetched.heartbeat);
  }

  private async untilSet(current: Generation, set: () => Promise<void>, meanwhile?: () => Promise<void>): Promise<void> {
    const { stopped, onUnknown, logger, groupId } = this.options;
    let shortLogs = 0;
    for (let attempt = 0; !current.isOver && !stopped.aborted; attempt += 1) {
      try {
        return await set();
      } catch (err) {
        onUnknown();
        const isShort = err instanceof PositionError;
        if (isShort && ++shortLogs === LOOKS_AT_SHORT_LOG) throw err;
        logger.warn({ event: 'kafka.consumer.positions-unknown', groupId, err }, 'The positions could not be read; trying again');
        await sleep(isShort ? SHORT_LOG_PAUSE_MS : backoffMs(attempt, BACKOFF), stopped);
        await meanwhile?.();
      }
    }
  }

  private async seekAll(mine: GroupMember, current: Generation, topic: string, partitions: readonly TopicPartition[]): Promise<void> {
    const { rangesOf, positionOf, logger } = this.options;
    const ranges = await rangesOf(topic);
    for (const partition of partitions) {
      const range = ranges.get(partition.partition);
      if (range === undefined) throw new Error(`Kafka knows no partition ${partition.partition} of ${topic}`);
      const offset = positionInLog(await positionOf(topic, partition.partition, range), range, partition, logger);
      if (current.isOver) return;
      mine.seek(partition, offset);
      current.moveTo(partition, offset);
    }
  }
}
