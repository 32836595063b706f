import { putInt16, putInt32 } from '../../wire/put.js';
import type { SessionRequest, WantedTopic } from './fetch-session.js';

/** What kafkajs gives for a request of one consumer to one node. */
export interface FetchOptions {
  /** A consumer has none. */
  replicaId?: number;
  /** ms */
  maxWaitTime: number;
  minBytes: number;
  maxBytes: number;
  isolationLevel?: number;
  rackId?: string;
  topics: readonly WantedTopic[];
}

const READ_COMMITTED = 1;
const UNKNOWN = -1;
const HEAD_BYTES = 25;
const COUNT_BYTES = 4;
const PARTITION_BYTES = 28;

/** The body of a Fetch request, version 11 of Kafka's protocol, behind the request's header; as kafkajs writes it, with a session. */
export function encodeFetchRequest(options: FetchOptions, { sessionId, sessionEpoch, topics, forgotten }: SessionRequest): Buffer {
  const { replicaId = UNKNOWN, maxWaitTime, minBytes, maxBytes, isolationLevel = READ_COMMITTED, rackId = '' } = options;
  const bytes = Buffer.allocUnsafe(sizeOf(topics, forgotten, rackId));
  let at = putInt32(bytes, 0, replicaId);
  at = putInt32(bytes, at, maxWaitTime);
  at = putInt32(bytes, at, minBytes);
  at = putInt32(bytes, at, maxBytes);
  bytes[at++] = isolationLevel;
  at = putInt32(bytes, at, sessionId);
  at = putInt32(bytes, at, sessionEpoch);
  at = putInt32(bytes, at, topics.length);
  for (const { topic, partitions } of topics) {
    at = putInt32(bytes, putString(bytes, at, topic), partitions.length);
    for (const { partition, fetchOffset, maxBytes: mostOfPartition } of partitions) {
      at = putInt32(bytes, at, partition);
      at = putInt32(bytes, at, UNKNOWN); // the leader's epoch
      at = bytes.writeBigInt64BE(BigInt(fetchOffset), at);
      at = bytes.writeBigInt64BE(BigInt(UNKNOWN), at); // the log's start: a follower's
      at = putInt32(bytes, at, mostOfPartition);
    }
  }
  at = putInt32(bytes, at, forgotten.length);
  for (const { topic, partitions } of forgotten) {
    at = putInt32(bytes, putString(bytes, at, topic), partitions.length);
    for (const partition of partitions) at = putInt32(bytes, at, partition);
  }
  return bytes.subarray(0, putString(bytes, at, rackId));
}

function putString(bytes: Buffer, at: number, text: string): number {
  const length = bytes.write(text, at + 2, 'utf8');
  putInt16(bytes, at, length);
  return at + 2 + length;
}

function sizeOf(topics: readonly WantedTopic[], forgotten: SessionRequest['forgotten'], rackId: string): number {
  let size = HEAD_BYTES + 2 * COUNT_BYTES + stringBytes(rackId);
  for (const { topic, partitions } of topics) size += stringBytes(topic) + COUNT_BYTES + partitions.length * PARTITION_BYTES;
  for (const { topic, partitions } of forgotten) size += stringBytes(topic) + COUNT_BYTES + partitions.length * COUNT_BYTES;
  return size;
}

function stringBytes(text: string): number {
  return 2 + Buffer.byteLength(text);
}
