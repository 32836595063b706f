import { createRequire } from 'node:module';
import { expect, onTestFinished, test } from 'vitest';
import { encodedBytes } from '../partition-queue.js';
import { installLeanProduce, wholePartition } from './lean-produce.js';
import { encodeProduceRequest } from './produce-request.js';

interface Asked {
  request: { encode(): Promise<{ buffer: Buffer }> };
  response: { decode(bytes: Buffer): Promise<object>; parse(decoded: object): Promise<object> };
}
interface Requests {
  requests: {
    Produce: { protocol(options: { version: number }): (data: object) => Asked };
  };
}
const { requests } = createRequire(import.meta.url)('kafkajs/src/protocol/requests/index.js') as Requests;

const fields = { key: 'truck-1', value: Buffer.from('a'), headers: undefined, timestampMs: 1_790_000_000_000 };
const messages = [{ ...fields, bytes: encodedBytes(fields) }];
const wanted = encodeProduceRequest({ acks: -1, timeoutMs: 9, topics: [{ topic: 't', partitions: [{ partition: 3, messages }] }] });

/** A request of kafkajs with these messages. */
function requestWith(version: number, messagesOfKafkaJs: readonly object[]): Asked {
  const topicData = [{ topic: 't', partitions: [{ partition: 3, firstSequence: 0, messages: messagesOfKafkaJs }] }];
  return requests.Produce.protocol({ version })({ acks: -1, timeout: 9, topicData });
}

/** What kafkajs would put into a request with these messages. */
async function encoded(version: number, messagesOfKafkaJs: readonly object[]): Promise<Buffer> {
  return (await requestWith(version, messagesOfKafkaJs).request.encode()).buffer;
}

test('kafkajs sends what is written here for a whole partition, and its own bytes for single messages', async () => {
  expect(installLeanProduce()).toBe(true);
  expect(await encoded(7, [wholePartition({ topic: 't', partition: 3, messages }, () => undefined)])).toEqual(wanted);
  expect(await encoded(7, [{ ...fields, timestamp: String(fields.timestampMs) }])).toEqual(wanted);
});

test('kafkajs is asked once for what is the same in all requests, and each has its own records', async () => {
  const original = requests.Produce.protocol;
  onTestFinished(() => void Object.assign(requests.Produce, { protocol: original }));
  let made = 0;
  requests.Produce.protocol = (options) => (data) => {
    made += 1;
    return original(options)(data);
  };
  installLeanProduce();
  const values = ['a', 'b', 'c'].map((value) => ({ ...fields, value: Buffer.from(value) }));
  for (const record of values) {
    const one = [{ ...record, bytes: encodedBytes(record) }];
    const topics = [{ topic: 't', partitions: [{ partition: 3, messages: one }] }];
    expect(await encoded(7, [wholePartition({ topic: 't', partition: 3, messages: one }, () => undefined)])).toEqual(
      encodeProduceRequest({ acks: -1, timeoutMs: 9, topics }),
    );
  }
  expect(made).toBe(1);
});

test('a whole partition is never sent in a format that is not written here', async () => {
  installLeanProduce();
  await expect(encoded(2, [wholePartition({ topic: 't', partition: 3, messages }, () => undefined)])).rejects.toThrow('version 2');
});

test('what a node answers is told at once, also where it has not written all of it', async () => {
  installLeanProduce();
  const answers: unknown[] = [];
  const whole = wholePartition({ topic: 't', partition: 3, messages }, (answer) => void answers.push(answer));
  const { response } = requestWith(7, [whole]);
  const notEnoughReplicas = 19;
  const partitions = [
    { partition: 3, errorCode: 0, baseOffset: '7', logAppendTime: '-1' },
    { partition: 4, errorCode: notEnoughReplicas, baseOffset: '-1', logAppendTime: '-1' },
  ];
  const decoded = { topics: [{ topicName: 't', partitions }], throttleTime: 0 };
  await expect(response.parse(decoded)).rejects.toMatchObject({ type: 'NOT_ENOUGH_REPLICAS' });
  expect(answers[0]).toBe(decoded);
});
