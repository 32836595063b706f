import { setTimeout as delay } from 'node:timers/promises';
import {
  type BatchConsumerOptions,
  createBatchConsumer,
  createLogTail,
  createLogWriter,
  type LogRecord,
  type LogWriter,
} from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { eventually, type TestTopics, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';

const logger = createLogger({ app: 'test', level: 'fatal' });
const scope = useTestScope();
let topics: TestTopics;
let writer: LogWriter;

beforeAll(async () => {
  topics = await scope.topics({ partitions: 3, level: 'fatal' });
  writer = createLogWriter(topics.connection, { logger });
  scope.onEnd(() => writer.close({ timeoutMs: 5_000 }));
});

const append = (topic: string, partition: number, value: string) =>
  writer.append({ topic, key: null, partition, value: Buffer.from(value) });

async function consumer(options: Omit<BatchConsumerOptions, 'logger' | 'onFatal'>) {
  const fatal: Error[] = [];
  const made = createBatchConsumer(topics.connection, {
    logger,
    sessionTimeoutMs: 6_000,
    onFatal: (error) => void fatal.push(error),
    ...options,
  });
  await made.start();
  scope.onEnd(() => made.stop());
  return Object.assign(made, { fatal });
}

async function membersOf(groupId: string): Promise<number | undefined> {
  const { groups } = await (await topics.connection.admin()).describeGroups([topics.connection.physicalTopic(groupId)]);
  return groups[0]?.members.length;
}

async function contents(topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  const onRecord = (record: LogRecord) => void records.push(record);
  const onFatal = (error: Error) => {
    throw error;
  };
  const tail = createLogTail(topics.connection, { topic, logger, from: 'start', onRecord, onFatal });
  await tail.start();
  await tail.readToEnd();
  await tail.close();
  return records;
}

describe('where kafkajs has a hole', () => {
  test('sendBatch resolves without a word on a partition that it did not send: the writer sends it again until Kafka names it', async () => {
    const topic = 'fleet.status';
    const physical = topics.connection.physicalTopic(topic);
    const producer = topics.connection.kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    scope.onEnd(() => producer.disconnect());
    const send = (partitions: number[]) =>
      producer.sendBatch({
        acks: -1,
        topicMessages: [{ topic: physical, messages: partitions.map((partition) => ({ partition, value: 'bare' })) }],
      });
    // Both clients learn that there are three partitions, as they would of leaders that move away afterwards.
    await send([0]);
    await append(topic, 0, 'first');
    const admin = await topics.connection.admin();
    await admin.createPartitions({ topicPartitions: [{ topic: physical, count: 4 }] });

    expect((await send([0, 3])).map(({ partition }) => partition)).toEqual([0]);
    const outcomes = await Promise.all([append(topic, 0, 'known'), append(topic, 3, 'unknown')]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['stored', 'stored']);
    const stored = (await contents(topic)).map(({ partition, value }) => `${partition} ${value?.toString()}`);
    expect(stored.sort()).toEqual(['0 bare', '0 bare', '0 first', '0 known', '3 unknown']);
  });

  test('it starts again by itself although it was told to leave: a client of ours that failed never does, and another takes over', async () => {
    const topic = 'fleet.location';
    await append(topic, 0, 'first');
    const passing = () => Object.assign(new Error('It passes'), { name: 'KafkaJSError', retriable: true });
    const plain = topics.connection.createClient({ retry: { retries: 5, initialRetryTime: 50 } }).consumer({
      groupId: topics.connection.physicalTopic('plain'),
    });
    await plain.connect();
    await plain.subscribe({ topics: [topics.connection.physicalTopic(topic)], fromBeginning: true });
    let joins = 0;
    plain.on(plain.events.GROUP_JOIN, () => {
      joins += 1;
    });
    const ended = new Promise<void>((resolve) => {
      plain.on(plain.events.CRASH, () => {
        void plain.disconnect().then(() => joins === 2 && resolve());
      });
    });
    await plain.run({
      eachMessage: async () => {
        // An error that is not to be tried again is the only way to end it.
        throw joins === 1 ? passing() : new TypeError('enough');
      },
    });
    await ended;

    const seen: string[] = [];
    let isFailing = true;
    let assignments = 0;
    await consumer({
      groupId: 'failing',
      topics: [topic],
      positionOf: async () => BigInt(seen.length),
      onAssigned: () => {
        assignments += 1;
        isFailing = assignments === 1;
      },
      onBatch: async ({ records }) => {
        if (isFailing) throw passing();
        seen.push(...records.map(({ value }) => String(value)));
        return { kind: 'done' };
      },
    });
    await eventually(() => expect(seen).toEqual(['first']), { timeoutMs: 40_000 });
    await append(topic, 0, 'second');
    await eventually(() => expect(seen).toEqual(['first', 'second']));
    expect(await membersOf('failing')).toBe(1);
  });

  test('it forgets a stop that comes while it joins: a consumer of ours is out of its group, whenever it is stopped', async () => {
    const delays = [0, 5, 10, 15, 20, 30, 50, 80];
    for (const ms of delays) {
      const made = await consumer({
        groupId: `stopped-after-${ms}`,
        topics: ['fleet.location'],
        // Longer than this test looks: a member that is left behind is still there.
        sessionTimeoutMs: 60_000,
        positionOf: async () => 'log-end',
        onBatch: async () => ({ kind: 'done' }),
      });
      await delay(ms);
      await made.stop();
    }
    // Those that Kafka holds back come in first.
    await delay(1_000);
    for (const ms of delays)
      await eventually(async () => expect(await membersOf(`stopped-after-${ms}`), `after ${ms} ms`).toBe(0), { timeoutMs: 20_000 });
  });

  test('it goes to an end of the log by itself when its position is gone: the store is asked before anything more is believed', async () => {
    const topic = 'fleet.diagnostics';
    const count = 60;
    const deletedBelow = 40;
    for (let n = 0; n < count; n += 1) await append(topic, 1, `${n} ${'x'.repeat(1_000)}`);
    const seen: number[] = [];
    let next = 0n;
    let asked = 0;
    let deletion: Promise<void> | undefined;
    const made = await consumer({
      groupId: 'deleted-under-it',
      topics: [topic],
      maxPartitionBytes: 5_000,
      positionOf: async (_topic, partition) => {
        if (partition !== 1) return 'log-end';
        asked += 1;
        return next;
      },
      onBatch: async ({ records, nextOffset }) => {
        seen.push(...records.map(({ offset }) => Number(offset)));
        next = nextOffset;
        const admin = await topics.connection.admin();
        deletion ??= admin.deleteTopicRecords({
          topic: topics.connection.physicalTopic(topic),
          partitions: [{ partition: 1, offset: String(deletedBelow) }],
        });
        await deletion;
        return { kind: 'done' };
      },
    });
    await eventually(() => expect(seen.at(-1)).toBe(count - 1), { timeoutMs: 30_000 });
    const gap = seen.findIndex((offset) => offset >= deletedBelow);
    expect(seen.slice(gap)).toEqual(Array.from({ length: count - deletedBelow }, (_, n) => deletedBelow + n));
    expect(seen.slice(0, gap)).toEqual(Array.from({ length: gap }, (_, n) => n));
    expect(gap).toBeLessThan(deletedBelow);
    expect(asked).toBeGreaterThan(1);
    expect(made.fatal).toEqual([]);
  });

  test('it keeps the pauses of an assignment that is over: a partition that comes back is read all the same', async () => {
    const topic = 'fleet.alerts';
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const positions = new Map<number, bigint>();
    const readByFirst = new Set<string>();
    const member = (seen: Set<string>, mayRead: Promise<unknown>) =>
      consumer({
        groupId: 'kept-pauses',
        topics: [topic],
        positionOf: async (_topic, partition) => {
          await mayRead;
          return positions.get(partition) ?? 'log-start';
        },
        onBatch: async ({ records, partition, nextOffset, isStale }) => {
          if (isStale()) return { kind: 'reposition' };
          positions.set(partition, nextOffset);
          for (const { value } of records) seen.add(`${partition} ${value?.toString()}`);
          return { kind: 'done' };
        },
      });
    // The first holds all partitions, waiting for their positions, when the second takes some of them away.
    await member(readByFirst, gate);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const second = await member(new Set(), Promise.resolve());
    await eventually(() => expect(second.assigned().length).toBeGreaterThan(0), { timeoutMs: 30_000 });
    open();
    await second.stop();
    for (const partition of [0, 1, 2]) await append(topic, partition, 'after');
    await eventually(
      () => expect([...readByFirst].filter((one) => one.endsWith('after')).sort()).toEqual(['0 after', '1 after', '2 after']),
      {
        timeoutMs: 30_000,
      },
    );
  });

  test('commitOffsetsIfNecessary commits nothing unless it is told what: a consumer of ours says how far it came', async () => {
    const topic = 'fleet.presence';
    await append(topic, 2, 'only');
    const admin = await topics.connection.admin();
    const committed = async (groupId: string): Promise<string | undefined> => {
      const names = { groupId: topics.connection.physicalTopic(groupId), topics: [topics.connection.physicalTopic(topic)] };
      const [of] = await admin.fetchOffsets(names);
      return of?.partitions.find(({ partition }) => partition === 2)?.offset;
    };
    const plain = topics.connection
      .createClient({ retry: { retries: 5 } })
      .consumer({ groupId: topics.connection.physicalTopic('commits-nothing') });
    await plain.connect();
    scope.onEnd(() => plain.disconnect());
    await plain.subscribe({ topics: [topics.connection.physicalTopic(topic)], fromBeginning: true });
    const asked = new Promise<void>((resolve) => {
      void plain.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary }) => {
          resolveOffset(batch.lastOffset());
          await commitOffsetsIfNecessary();
          resolve();
        },
      });
    });
    await asked;
    expect(await committed('commits-nothing')).toBe('-1');

    let isRead = false;
    const made = await consumer({
      groupId: 'commits',
      topics: [topic],
      positionOf: async () => 'log-start',
      onBatch: async () => {
        isRead = true;
        return { kind: 'done' };
      },
    });
    await eventually(() => expect(isRead).toBe(true), { timeoutMs: 30_000 });
    await made.stop();
    expect(await committed('commits')).toBe('1');
  });
});
