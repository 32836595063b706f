import type { Logger } from '@milepost/runtime';
import type { OffsetRange, TopicPartition } from '../log-record.js';

/** What the caller's store says: an offset, or an end of the log. */
export type Position = bigint | 'log-start' | 'log-end';

/** A position that the log has not reached: another log under the same name, or one that lost its end. */
export class PositionError extends Error {
  readonly code = 'position_beyond_log_end';
  constructor({ topic, partition }: TopicPartition, position: bigint, range: OffsetRange) {
    super(
      `The position of ${topic}/${partition} is ${position}, but Kafka's log ends at ${range.end}. Either Kafka lost records or this is another Kafka. Check that KAFKA_BROKERS names the one that was read before; if records are lost for good, ingest and alerts need the row of this partition deleted from kafka_offsets, to read the log from its start (what is stored already is not stored again). What keeps no position begins anew by itself.`,
    );
    this.name = 'PositionError';
  }
}

/**
 * The offset to read next. kafkajs must never be sent outside of the log: it would go to an end of its own choice, with one line in the log (FACTS).
 * @throws PositionError
 */
export function positionInLog(position: Position, range: OffsetRange, { topic, partition }: TopicPartition, logger: Logger): bigint {
  if (position === 'log-start') return range.start;
  if (position === 'log-end') return range.end;
  if (position > range.end) throw new PositionError({ topic, partition }, position, range);
  if (position >= range.start) return position;
  logger.error(
    { event: 'kafka.consumer.below-log-start', topic, partition, position: String(position), lost: String(range.start - position) },
    'Records were deleted from the log before they were read; going on at its start',
  );
  return range.start;
}
