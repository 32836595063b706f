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
/** Of a consumer whose watchdog is less patient than Kafka is silent; it must be more patient than the group is with members that are gone. */
const seenByWatched: LogRecord[] = [];
const fatal: Error[] = [];
let thrownAway = 0;
/** Counts its clients that were given up: by the watchdog, or by themselves where kafkajs saw before it that nobody answers. */
const watchedLogger = createLogger({
  app: 'test',
  level: 'warn',
  destination: { write: (line: string) => void (/kafka\.consumer\.(stuck|crashed)/.test(line) && thrownAway++) },
});

beforeAll(async () => {
  kafka = await scope.ownKafka();
  topics = await scope.topics({ brokers: kafka.brokers, level: 'fatal' });
  writer = createLogWriter(topics.connection, { logger });
  scope.onEnd(() => writer.close({ timeoutMs: 5_000 }));
  await startReader('reader', seen, {});
  await startReader('watched', seenByWatched, { watchdogMs: 12_000 });
});

async function startReader(groupId: string, into: LogRecord[], options: { watchdogMs?: number }): Promise<void> {
  const nextOffset = (partition: number) => (into.filter((record) => record.partition === partition).at(-1)?.offset ?? -1n) + 1n;
  const consumer = createBatchConsumer(topics.connection, {
    groupId,
    topics: ['fleet.location'],
    logger: groupId === 'watched' ? watchedLogger : logger,
    sessionTimeoutMs: 6_000,
    positionOf: async (_topic, partition) => nextOffset(partition),
    onBatch: async ({ records, partition, firstOffset, isStale }) => {
      // The fence of ingest: of two clients of which one is given up, the one that is behind writes nothing.
      if (isStale() || firstOffset !== nextOffset(partition)) return { kind: 'reposition' };
      into.push(...records);
      return { kind: 'done' };
    },
    onFatal: (error) => void fatal.push(error),
    ...options,
  });
  await consumer.start();
  scope.onEnd(() => consumer.stop());
}

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

async function expectStored(acknowledged: readonly string[], read: readonly LogRecord[] = seen, timeoutMs = 40_000): Promise<void> {
  await eventually(
    () => {
      const values = new Set(read.map(({ value }) => value?.toString()));
      expect(acknowledged.filter((value) => !values.has(value))).toEqual([]);
    },
    { timeoutMs, everyMs: 200 },
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
    const frozen = async (name: string) => {
      const before = writer.lastAnswerAtMs;
      const acknowledged = await underLoad(name, async () => {
        kafka.freeze();
        await delay(17_000);
        expect(performance.now() - writer.lastAnswerAtMs).toBeGreaterThan(10_000);
        kafka.thaw();
      });
      expect(writer.lastAnswerAtMs).toBeGreaterThan(before);
      await expectStored(acknowledged);
      expectOrder(name);
    };
    const isThereTwice = (name: string) => {
      const copies = seen.map(({ value }) => value?.toString() ?? '').filter((value) => value.startsWith(`${name}-`));
      return copies.length > new Set(copies).size;
    };
    // The requests that Kafka did not answer in time were in its hands all the same, unless it had just read none: what was sent again is there twice.
    const names = ['frozen1', 'frozen2', 'frozen3'];
    for (const name of names) {
      await frozen(name);
      if (isThereTwice(name)) return;
    }
    expect.unreachable(`Nothing was stored twice in ${names.length} silences: the test no longer provokes what it is about`);
  }, 180_000);

  test('has been silent for longer than a watchdog waits: that client was thrown away, and another reads on without a gap', async () => {
    expect(thrownAway).toBeGreaterThan(0);
    const acknowledged = await underLoad('watched', async () => undefined);
    // Clients that were given up leave the group when their sessions are over, one rebalance after the other.
    await expectStored(acknowledged, seenByWatched, 120_000);
    for (const partition of [0, 1, 2]) {
      const offsets = seenByWatched.filter((record) => record.partition === partition).map(({ offset }) => offset);
      expect(offsets).toEqual(Array.from({ length: offsets.length }, (_, n) => BigInt(n)));
    }
    expect(fatal).toEqual([]);
  }, 150_000);

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
