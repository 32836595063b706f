import type { KafkaMessage } from 'kafkajs';
import type { LogRecord } from '../log-record.js';
import { FetchedMessage } from './fetching/fetched-message.js';

const NO_HEADERS: LogRecord['headers'] = Object.freeze({});

export function readRecord(topic: string, partition: number, message: KafkaMessage): LogRecord {
  if (message instanceof FetchedMessage) {
    const { offsetNumber, keyText, value, headers, timestampMs } = message;
    return { topic, partition, offset: BigInt(offsetNumber), key: keyText, value, headers, timestampMs };
  }
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key?.toString('utf8') ?? null,
    value: message.value,
    headers: message.headers === undefined ? NO_HEADERS : readHeaders(message.headers),
    timestampMs: Number(message.timestamp),
  };
}

function readHeaders(headers: NonNullable<KafkaMessage['headers']>): LogRecord['headers'] {
  const read: Record<string, Buffer> = {};
  for (const [name, values] of Object.entries(headers)) {
    const value = Array.isArray(values) ? values.at(-1) : values;
    if (value !== undefined) read[name] = typeof value === 'string' ? Buffer.from(value) : value;
  }
  return read;
}
