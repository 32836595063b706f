import { setTimeout as delay } from 'node:timers/promises';
import { createBatchConsumer, createLogWriter, type LogRecord, type LogWriter } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { eventually, type OwnKafka, type TestTopics, useTestScope } from '@milepost/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const logger = createLogger({ app: 'test', level: 'fatal' });
const scope = useTestScope();
let kafka: OwnKafka;
let topics: TestTopics;
let writer: LogWriter;
const seen: LogRecord[] = [];

beforeAll(async () => {
  kafka = await scope.ownKafka();
  topics = await scope.topics({ brokers: kafka.brokers, level: 'fatal' });
  writer = createLogWriter(topics.connection, { logger });
  scope.onEnd(() => writer.close({ timeoutMs: 5_000 }));
  const consumer = createBatchConsumer(topics.connection, {
    groupId: 'reader',
    topics: ['fleet.location'],
    logger,
    sessionTimeoutMs: 6_000,
    positionOf: async (_topic, partition) => nextOffset(partition),
    onBatch: async ({ records }) => {
      seen.push(...records);
      return { kind: 'done' };
    },
    onFatal: (error) => {
      throw error;
    },
  });
  await consumer.start();
  scope.onEnd(() => consumer.stop());
});

const nextOffset = (partition: number): bigint => (seen.filter((record) => record.partition === partition).at(-1)?.offset ?? -1n) + 1n;

/** Appends a record every millisecond or so while something happens to Kafka; gives the numbers that were acknowledged. */
async function underLoad(name: string, during: () => Promise<void>): Promise<string[]> {
  let going = true;
  const acknowledged: string[] = [];
  const load = (async () => {
    const pending: Promise<void>[] = [];
    for (let i = 0; going; i += 1) {
      const value = `${name}-${i}`;
      const appended = writer.append({ topic: 'fleet.location', key: `truck-${i % 5}`, value: Buffer.from(value) });
      pending.push(appended.then(({ kind }) => void (kind === 'stored' && acknowledged.push(value))));
      await delay(1);
    }
    await Promise.all(pending);
    expect(acknowledged).toHaveLength(pending.length);
  })();
  await delay(300);
  await during();
  await delay(300);
  going = false;
  await load;
  return acknowledged;
}

async function expectStored(acknowledged: readonly string[]): Promise<void> {
  await eventually(
    () => {
      const values = new Set(seen.map(({ value }) => value?.toString()));
      expect(acknowledged.filter((value) => !values.has(value))).toEqual([]);
    },
    { timeoutMs: 40_000, everyMs: 200 },
  );
}

/** Order holds for the first copy of each record; a repeated one may come later. */
function expectOrder(name: string): void {
  const firsts = new Map<string | null, number>();
  const known = new Set<string>();
  for (const { key, value } of seen) {
    const text = value?.toString() ?? '';
    if (!text.startsWith(`${name}-`) || known.has(text)) continue;
    known.add(text);
    const number = Number(text.slice(name.length + 1));
    expect(number).toBeGreaterThan(firsts.get(key) ?? -1);
    firsts.set(key, number);
  }
}

describe('what Kafka acknowledged is there, in order, when Kafka', () => {
  afterAll(() => kafka.thaw());

  test('is silent for longer than a request may take, and goes on', async () => {
    const before = writer.lastAnswerAtMs;
    const acknowledged = await underLoad('frozen', async () => {
      kafka.freeze();
      await delay(12_000);
      expect(Date.now() - writer.lastAnswerAtMs).toBeGreaterThan(10_000);
      kafka.thaw();
    });
    expect(writer.lastAnswerAtMs).toBeGreaterThan(before);
    await expectStored(acknowledged);
    expectOrder('frozen');
  });

  test('is killed and starts again', async () => {
    const acknowledged = await underLoad('killed', async () => {
      await kafka.kill9();
      await delay(2_000);
      await kafka.start();
    });
    await expectStored(acknowledged);
    expectOrder('killed');
    expect(writer.bufferedBytes).toBe(0);
  });
});
