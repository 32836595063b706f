import { putInt16, putInt32 } from '../../wire/put.js';
import type { PartitionMessages } from '../produce-message.js';
import { BATCH_OVERHEAD_BYTES, putRecordBatch } from './put-record-batch.js';

export interface ProduceRequest {
  acks: number;
  timeoutMs: number;
  /** Physical topics, each once. */
  topics: readonly ProducedTopic[];
}

export interface ProducedTopic {
  topic: string;
  partitions: readonly Pick<PartitionMessages, 'partition' | 'messages'>[];
}

const HEAD_BYTES = 12;
const TOPIC_BYTES = 6;
const PARTITION_BYTES = 8;
const NO_TRANSACTION = -1;

/** The body of a Produce request, versions 3 to 8 of Kafka's protocol, behind the request's header. */
export function encodeProduceRequest({ acks, timeoutMs, topics }: ProduceRequest): Buffer {
  const bytes = Buffer.allocUnsafeSlow(mostBytes(topics));
  let at = putInt16(bytes, 0, NO_TRANSACTION);
  at = putInt16(bytes, at, acks);
  at = putInt32(bytes, at, timeoutMs);
  at = putInt32(bytes, at, topics.length);
  for (const { topic, partitions } of topics) {
    at = putInt16(bytes, at, Buffer.byteLength(topic));
    at += bytes.write(topic, at, 'utf8');
    at = putInt32(bytes, at, partitions.length);
    for (const { partition, messages } of partitions) {
      at = putInt32(bytes, at, partition);
      const batchAt = at + 4;
      const end = putRecordBatch(bytes, batchAt, messages);
      putInt32(bytes, at, end - batchAt);
      at = end;
    }
  }
  return bytes.subarray(0, at);
}

function mostBytes(topics: readonly ProducedTopic[]): number {
  let most = HEAD_BYTES;
  for (const { topic, partitions } of topics) {
    most += TOPIC_BYTES + Buffer.byteLength(topic);
    for (const { messages } of partitions) {
      most += PARTITION_BYTES + BATCH_OVERHEAD_BYTES;
      for (const { bytes } of messages) most += bytes;
    }
  }
  return most;
}
