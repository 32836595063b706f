import { setTimeout as delay } from 'node:timers/promises';
import { createLogWriter } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { eventually, useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';

const scope = useTestScope();

test('Kafka keeps what a consumer reads, and answers of the partitions that have something new', async () => {
  const partitions = 12;
  const { connection } = await scope.topics({ partitions, level: 'fatal' });
  const writer = createLogWriter(connection, { logger: createLogger({ app: 'test', level: 'fatal' }) });
  scope.onEnd(() => writer.close({ timeoutMs: 5_000 }));
  const append = (partition: number, value: string) =>
    writer.append({ topic: 'fleet.status', key: null, partition, value: Buffer.from(value) });

  const seen: string[] = [];
  const answers: number[] = [];
  const consumer = connection.kafka.consumer({ groupId: connection.physicalTopic('sessions'), maxWaitTimeInMs: 50 });
  consumer.on(consumer.events.REQUEST, ({ payload }) => void (payload.apiName === 'Fetch' && answers.push(payload.size)));
  await consumer.connect();
  scope.onEnd(() => consumer.disconnect());
  await consumer.subscribe({ topics: [connection.physicalTopic('fleet.status')], fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => void seen.push(String(message.value)) });
  for (let partition = 0; partition < partitions; partition += 1) await append(partition, `first ${partition}`);
  await eventually(() => expect(seen).toHaveLength(partitions), { timeoutMs: 20_000 });

  await delay(200);
  answers.length = 0;
  await eventually(() => expect(answers.length).toBeGreaterThan(5));
  // Throttling, error, session, no topics and what is before them; a partition alone would be 42 bytes.
  expect(Math.max(...answers)).toBeLessThan(30);

  answers.length = 0;
  await append(7, 'more');
  await eventually(() => expect(seen.at(-1)).toBe('more'));
  expect(Math.max(...answers)).toBeLessThan(200);

  // What is held back is not asked for, and nothing of it is lost.
  const held = { topic: connection.physicalTopic('fleet.status'), partitions: [7] };
  consumer.pause([held]);
  await append(7, 'held');
  await append(8, 'not held');
  await eventually(() => expect(seen.at(-1)).toBe('not held'));
  consumer.resume([held]);
  await eventually(() => expect(seen.at(-1)).toBe('held'));
  expect(seen).toHaveLength(partitions + 3);
});
