import { ByteReader } from '../../wire/byte-reader.js';
import { readRecordSet } from './record-set.js';

/** What kafkajs makes of an answer to Fetch, version 11. */
export interface FetchResponse {
  throttleTime: 0;
  clientSideThrottleTime: number;
  errorCode: number;
  sessionId: number;
  responses: { topicName: string; partitions: FetchedPartition[] }[];
}

interface FetchedPartition {
  partition: number;
  errorCode: number;
  highWatermark: string;
  lastStableOffset: string;
  /** So it is named there. */
  lastStartOffset: string;
  abortedTransactions: [];
  preferredReadReplica: number;
  messages: object[];
}

/** Undefined for an answer of which any part is left to kafkajs. @throws RangeError for one that ends too early, as kafkajs does */
export function readFetchResponse(bytes: Buffer): FetchResponse | undefined {
  const reader = new ByteReader(bytes);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const responses: FetchResponse['responses'] = [];
  for (let topics = reader.int32(); topics > 0; topics -= 1) {
    const topicName = reader.text();
    const partitions: FetchedPartition[] = [];
    for (let left = reader.int32(); left > 0; left -= 1) {
      const partition = readPartition(reader);
      if (partition === undefined) return undefined;
      partitions.push(partition);
    }
    responses.push({ topicName, partitions });
  }
  // The broker has throttled already: kafkajs would wait once more (so it says there too).
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

function readPartition(reader: ByteReader): FetchedPartition | undefined {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  const logStart = reader.int64();
  const abortedTransactions = reader.int32();
  if (abortedTransactions > 0) return undefined;
  const preferredReadReplica = reader.int32();
  const size = reader.int32();
  const held = reader.bytes.length - reader.at;
  const messages = size <= 0 || size > held ? [] : readRecordSet(reader.bytes.subarray(reader.at, reader.at + size));
  if (size > held || messages === undefined || Number.isNaN(highWatermark + lastStableOffset + logStart)) return undefined;
  reader.at += Math.max(size, 0);
  return {
    partition,
    errorCode,
    highWatermark: String(highWatermark),
    lastStableOffset: String(lastStableOffset),
    lastStartOffset: String(logStart),
    abortedTransactions: [],
    preferredReadReplica,
    messages,
  };
}
