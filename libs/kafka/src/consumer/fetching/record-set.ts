import { ByteReader } from '../../wire/byte-reader.js';
import { FetchedMessage } from './fetched-message.js';

const lengthAt = 8;
const batchStart = 12;
const magicAt = 16;
const attributesAt = 21;
const firstTimestampAt = 27;
const recordCountAt = 57;
/** kafkajs looks no further when less than this is left. */
const leastBytes = 49;

/** Compression, transactions and control records: of `attributes`. */
const notPlain = 0x07 | 0x10 | 0x20;
const logAppendTime = 0x08;

type Headers = Readonly<Record<string, Buffer>>;

/**
 * The records of record batches of format 2, as they lie one behind another in a fetch; the last batch may be cut off, and counts for nothing then.
 * Undefined for what is seldom and left to kafkajs: compressed or older batches, transactions, control records, headers without a value or with a name that stands
 * twice, numbers beyond 53 bits, and whatever does not add up.
 */
export function readRecordSet(bytes: Buffer): FetchedMessage[] | undefined {
  const messages: FetchedMessage[] = [];
  if (bytes[magicAt] !== 2) return undefined;
  for (let at = 0; bytes.length - at >= leastBytes; ) {
    const end = at + batchStart + bytes.readInt32BE(at + lengthAt);
    if (end > bytes.length) break;
    if (bytes[at + magicAt] !== 2 || end < at + recordCountAt + 4 || !readBatch(bytes, at, end, messages)) return undefined;
    at = end;
  }
  return messages;
}

function readBatch(bytes: Buffer, start: number, end: number, messages: FetchedMessage[]): boolean {
  const attributes = bytes.readInt16BE(start + attributesAt);
  if ((attributes & notPlain) !== 0) return false;
  const reader = new ByteReader(bytes, start);
  const firstOffset = reader.int64();
  reader.at = start + firstTimestampAt;
  const firstTimestamp = reader.int64();
  const appendedAt = reader.int64();
  const isAppendTime = (attributes & logAppendTime) !== 0;
  reader.at = start + recordCountAt;
  let known: KnownHeaders | undefined;

  for (let left = reader.int32(); left > 0; left -= 1) {
    const length = reader.varint();
    const recordEnd = reader.at + length;
    if (!(length > 0 && recordEnd <= end)) return false;
    reader.at += 1;
    const sinceFirst = reader.varint();
    const timestampMs = isAppendTime ? appendedAt : firstTimestamp + sinceFirst;
    const offset = firstOffset + reader.varint();
    if (!Number.isSafeInteger(timestampMs) || !Number.isSafeInteger(offset)) return false;

    const keyStart = skipBytes(reader, recordEnd);
    const keyEnd = reader.at;
    const hasKey = keyStart >= 0;
    const valueStart = skipBytes(reader, recordEnd);
    if (keyStart === malformed || valueStart === malformed) return false;
    const value = valueStart >= 0 ? bytes.subarray(valueStart, reader.at) : null;
    if (known === undefined || !isSame(bytes, reader.at, recordEnd, known)) {
      const from = reader.at;
      const headers = readHeaders(reader, recordEnd);
      if (headers === undefined) return false;
      known = { from, to: recordEnd, headers };
    }
    reader.at = recordEnd;
    messages.push(new FetchedMessage(offset, timestampMs, value, known.headers, bytes, hasKey ? keyStart : 0, hasKey ? keyEnd : -1));
  }
  return reader.at === end;
}

const none = -1;
const malformed = -2;

/** Where the bytes begin that stand behind their length; the reader goes behind them. */
function skipBytes(reader: ByteReader, end: number): number {
  const length = reader.varint();
  if (length === -1) return none;
  const start = reader.at;
  if (!(length >= 0 && start + length <= end)) return malformed;
  reader.at = start + length;
  return start;
}

/** Where headers lie that were read, and what they came to. */
interface KnownHeaders {
  from: number;
  to: number;
  headers: Headers;
}

/** A fleet's records have the same headers mostly, one after another. */
function isSame(bytes: Buffer, from: number, to: number, known: KnownHeaders): boolean {
  if (to - from !== known.to - known.from) return false;
  for (let at = from, other = known.from; at < to; at += 1, other += 1) if (bytes[at] !== bytes[other]) return false;
  return true;
}

function readHeaders(reader: ByteReader, end: number): Headers | undefined {
  const headers: Record<string, Buffer> = {};
  const count = reader.varint();
  if (!(count >= 0)) return undefined;
  for (let left = count; left > 0; left -= 1) {
    const nameStart = skipBytes(reader, end);
    const name = reader.bytes.toString('utf8', Math.max(nameStart, 0), reader.at);
    const valueStart = skipBytes(reader, end);
    if (nameStart < 0 || valueStart < 0 || name === '__proto__' || Object.hasOwn(headers, name)) return undefined;
    headers[name] = reader.bytes.subarray(valueStart, reader.at);
  }
  return reader.at === end ? headers : undefined;
}
