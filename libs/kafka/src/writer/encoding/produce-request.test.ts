import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodedBytes } from '../partition-queue.js';
import type { ProduceMessage } from '../produce-message.js';
import { encodeProduceRequest, type ProduceRequest } from './produce-request.js';

type KafkaJsProduce = (data: object) => { encode(): Promise<{ buffer: Buffer }> };
const requireHere = createRequire(import.meta.url);
const kafkaJsProduce = requireHere('kafkajs/src/protocol/requests/produce/v7/request.js') as KafkaJsProduce;
const Decoder = requireHere('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => object;
const decodeBatch = requireHere('kafkajs/src/protocol/recordBatch/v0/decoder.js') as DecodeBatch;
type DecodeBatch = (decoder: object) => Promise<{ records: { timestamp: string }[] }>;

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
// Names like "__proto__" are no headers of ours, and numbers for names change places.
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 }).filter((text) => !/^(__proto__|\d+)$/.test(text));
const message = fc
  .record({
    key: fc.option(fc.string({ unit: 'grapheme', maxLength: 90 })),
    value: fc.option(bytes),
    headers: fc.option(
      fc.dictionary(name, fc.oneof(fc.string({ unit: 'grapheme', maxLength: 90 }), bytes), { maxKeys: 4, noNullPrototype: true }),
      {
        nil: undefined,
      },
    ),
    // As many digits for all: kafkajs sorts times as text.
    timestampMs: fc.oneof(
      fc.integer({ min: 1_790_000_000_000, max: 1_790_000_001_000 }),
      fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }),
    ),
  })
  .map((fields): ProduceMessage => ({ ...fields, bytes: encodedBytes(fields) }));
const partition = fc.record({ partition: fc.nat(100), messages: fc.array(message, { minLength: 1, maxLength: 20 }) });
const request: fc.Arbitrary<ProduceRequest> = fc.record({
  acks: fc.constantFrom(-1, 1),
  timeoutMs: fc.nat(2 ** 31 - 1),
  topics: fc.array(
    fc.record({ topic: fc.string({ minLength: 1, maxLength: 80 }), partitions: fc.array(partition, { minLength: 1, maxLength: 3 }) }),
    {
      maxLength: 3,
    },
  ),
});

async function byKafkaJs({ acks, timeoutMs, topics }: ProduceRequest): Promise<Buffer> {
  const topicData = topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, messages }) => ({
      partition,
      firstSequence: 0,
      messages: messages.map(({ key, value, headers, timestampMs }) => ({ key, value, headers, timestamp: String(timestampMs) })),
    })),
  }));
  return (await kafkaJsProduce({ acks, timeout: timeoutMs, topicData }).encode()).buffer;
}

test('every request is byte for byte what kafkajs writes', async () => {
  await fc.assert(
    fc.asyncProperty(request, async (generated) => {
      expect(encodeProduceRequest(generated).toString('hex')).toBe((await byKafkaJs(generated)).toString('hex'));
    }),
    { numRuns: 300 },
  );
});

test.each([0, 1, 17, 62, 63, 64, 8_100, 8_190, 8_192, 1_048_500, 1_048_576])(
  'a record with a value of %i bytes is as kafkajs writes it',
  async (size) => {
    const fields = { key: 'truck-1', value: Buffer.alloc(size, 7), headers: undefined, timestampMs: 1_790_000_000_000 };
    const single = {
      acks: -1,
      timeoutMs: 30_000,
      topics: [{ topic: 't', partitions: [{ partition: 1, messages: [{ ...fields, bytes: encodedBytes(fields) }] }] }],
    };
    expect(encodeProduceRequest(single).equals(await byKafkaJs(single))).toBe(true);
  },
);

test('times before the epoch and far apart are read back as they were', async () => {
  const times = [-8_640_000_000_000_000, -1, 0, 1, 1_790_000_000_000, 8_640_000_000_000_000];
  const messages = times.map((timestampMs): ProduceMessage => {
    const fields = { key: null, value: null, headers: undefined, timestampMs };
    return { ...fields, bytes: encodedBytes(fields) };
  });
  const encoded = encodeProduceRequest({ acks: -1, timeoutMs: 1, topics: [{ topic: 't', partitions: [{ partition: 0, messages }] }] });
  // The batch begins behind the request's head (12), the topic (2 + 1 + 4), the partition and the size (8).
  const { records } = await decodeBatch(new Decoder(encoded.subarray(27)));
  expect(records.map(({ timestamp }) => Number(timestamp))).toEqual(times);
});
