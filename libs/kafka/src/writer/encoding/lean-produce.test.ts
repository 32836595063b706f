import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { encodedBytes } from '../partition-queue.js';
import { installLeanProduce, wholePartition } from './lean-produce.js';
import { encodeProduceRequest } from './produce-request.js';

interface Requests {
  requests: {
    Produce: { protocol(options: { version: number }): (data: object) => { request: { encode(): Promise<{ buffer: Buffer }> } } };
  };
}
const { requests } = createRequire(import.meta.url)('kafkajs/src/protocol/requests/index.js') as Requests;

const fields = { key: 'truck-1', value: Buffer.from('a'), headers: undefined, timestampMs: 1_790_000_000_000 };
const messages = [{ ...fields, bytes: encodedBytes(fields) }];
const wanted = encodeProduceRequest({ acks: -1, timeoutMs: 9, topics: [{ topic: 't', partitions: [{ partition: 3, messages }] }] });

/** What kafkajs would put into a request with these messages. */
async function encoded(version: number, messagesOfKafkaJs: readonly object[]): Promise<Buffer> {
  const topicData = [{ topic: 't', partitions: [{ partition: 3, firstSequence: 0, messages: messagesOfKafkaJs }] }];
  return (await requests.Produce.protocol({ version })({ acks: -1, timeout: 9, topicData }).request.encode()).buffer;
}

test('kafkajs sends what is written here for a whole partition, and its own bytes for single messages', async () => {
  expect(installLeanProduce()).toBe(true);
  expect(await encoded(7, [wholePartition({ topic: 't', partition: 3, messages })])).toEqual(wanted);
  expect(await encoded(7, [{ ...fields, timestamp: String(fields.timestampMs) }])).toEqual(wanted);
});

test('a whole partition is never sent in a format that is not written here', async () => {
  installLeanProduce();
  await expect(encoded(2, [wholePartition({ topic: 't', partition: 3, messages })])).rejects.toThrow('version 2');
});
