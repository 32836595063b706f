import { putBytes, putInt16, putInt32, putInt64, putText, putVarint, varintBytes } from '../../wire/put.js';
import type { ProduceMessage } from '../produce-message.js';
import { crc32c } from './crc32c.js';

/** A batch without its records. */
export const BATCH_OVERHEAD_BYTES = 61;

const MAGIC = 2;
const NO_ATTRIBUTES = 0;
const NO_PRODUCER_ID = -1;
const ABSENT = -1;

// Where the fields of a batch begin (Kafka's "Record Batch" format, magic 2).
const LENGTH_AT = 8;
const LEADER_EPOCH_AT = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;

/**
 * Writes an uncompressed record batch of format 2, as a producer that is not idempotent does, and answers where it ends.
 * There must be room for `BATCH_OVERHEAD_BYTES` and the `bytes` of every message; there is at least one.
 */
export function putRecordBatch(bytes: Buffer, start: number, messages: readonly ProduceMessage[]): number {
  const [earliestMs, latestMs] = timeRange(messages);
  putInt64(bytes, start, 0);
  putInt32(bytes, start + LEADER_EPOCH_AT, 0);
  bytes[start + MAGIC_AT] = MAGIC;
  let at = putInt16(bytes, start + ATTRIBUTES_AT, NO_ATTRIBUTES);
  at = putInt32(bytes, at, messages.length - 1);
  at = putInt64(bytes, at, earliestMs);
  at = putInt64(bytes, at, latestMs);
  at = putInt64(bytes, at, NO_PRODUCER_ID);
  at = putInt16(bytes, at, 0);
  at = putInt32(bytes, at, 0);
  at = putInt32(bytes, at, messages.length);
  let offset = 0;
  for (const message of messages) at = putRecord(bytes, at, message, message.timestampMs - earliestMs, offset++);
  putInt32(bytes, start + LENGTH_AT, at - start - LEADER_EPOCH_AT);
  putInt32(bytes, start + CRC_AT, crc32c(bytes, start + ATTRIBUTES_AT, at));
  return at;
}

function putRecord(bytes: Buffer, start: number, message: ProduceMessage, timestampDelta: number, offsetDelta: number): number {
  const { key, value, headers } = message;
  // A record begins with its length, which is known at its end: room is left for as many bytes as it will most likely take.
  const expected = varintBytes(message.bytes);
  const bodyAt = start + expected;
  bytes[bodyAt] = NO_ATTRIBUTES;
  let at = putVarint(bytes, bodyAt + 1, timestampDelta);
  at = putVarint(bytes, at, offsetDelta);
  at = key === null ? putVarint(bytes, at, ABSENT) : putText(bytes, at, key);
  at = value === null ? putVarint(bytes, at, ABSENT) : putBytes(bytes, at, value);
  at = headers === undefined ? putVarint(bytes, at, 0) : putHeaders(bytes, at, headers);
  const length = at - bodyAt;
  const needed = varintBytes(length);
  if (needed !== expected) bytes.copyWithin(start + needed, bodyAt, at);
  putVarint(bytes, start, length);
  return start + needed + length;
}

function putHeaders(bytes: Buffer, start: number, headers: Readonly<Record<string, string | Buffer>>): number {
  let count = 0;
  for (const _ in headers) count += 1;
  let at = putVarint(bytes, start, count);
  for (const name in headers) {
    const value = headers[name] as string | Buffer;
    at = putText(bytes, at, name);
    at = typeof value === 'string' ? putText(bytes, at, value) : putBytes(bytes, at, value);
  }
  return at;
}

function timeRange(messages: readonly ProduceMessage[]): [earliestMs: number, latestMs: number] {
  let earliest = Number.POSITIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  for (const { timestampMs } of messages) {
    if (timestampMs < earliest) earliest = timestampMs;
    if (timestampMs > latest) latest = timestampMs;
  }
  return [earliest, latest];
}
