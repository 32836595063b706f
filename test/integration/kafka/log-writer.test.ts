import { createLogTail, createLogWriter, headerText, type LogRecord, type LogWriter, partitionOf } from '@milepost/kafka';
import { createLogger, createMetrics } from '@milepost/runtime';
import { type TestTopics, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';

const logger = createLogger({ app: 'test', level: 'error' });
const scope = useTestScope();
/** Within what the topics keep: Kafka deletes what is older when it looks, half a minute after its start. */
const recentMs = Date.now() - 60_000_000;
let topics: TestTopics;
let writer: LogWriter;

beforeAll(async () => {
  topics = await scope.topics();
  writer = createLogWriter(topics.connection, { logger });
  scope.onEnd(() => writer.close({ timeoutMs: 5_000 }));
});

/** Everything that the topic holds, by partition. */
async function contents(topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  const tail = createLogTail(topics.connection, {
    topic,
    logger,
    from: 'start',
    onRecord: (record) => void records.push(record),
    onFatal: (error) => {
      throw error;
    },
  });
  await tail.start();
  await tail.readToEnd();
  await tail.close();
  return records;
}

describe('the log writer on a real Kafka', () => {
  test('stores the bytes, key, headers and time that it was given, in the partition of the key', async () => {
    const value = Buffer.from([0, 255, 10, 13, 0x7f]);
    const headers = { organisation: 'acme', binary: Buffer.from([0, 1, 254]) };
    const outcome = await writer.append({ topic: 'fleet.status', key: 'truck-1', value, headers, timestampMs: recentMs });
    // A new topic's leader may refuse at first: then it is sent again, which the outcome says, and where it lies is what it says, too.
    expect(outcome).toMatchObject({ kind: 'stored', partition: partitionOf('truck-1', 3), timestampMs: recentMs });
    const offset = outcome.kind === 'stored' ? outcome.offset : undefined;
    const record = (await contents('fleet.status')).find((each) => each.offset === offset);
    expect(record).toMatchObject({ topic: 'fleet.status', key: 'truck-1', value, timestampMs: recentMs });
    expect(record && headerText(record, 'organisation')).toBe('acme');
    expect(record?.headers.binary).toEqual(headers.binary);
  });

  test('whatever a record holds, a consumer of kafkajs reads back', async () => {
    const organisation = 'Müller & Söhne';
    const written = Array.from({ length: 300 }, (_, index) => ({
      topic: 'fleet.location',
      partition: 2,
      key: index % 7 === 0 ? null : `truck-${'🚚'.repeat(index % 40)}${index}`,
      value: index % 11 === 0 ? null : Buffer.alloc(index * 31, index),
      timestampMs: recentMs + ((index * 7_919) % 1_000_000),
      ...(index % 3 > 0 && { headers: { organisation, [`n${index}`.repeat(index % 30)]: Buffer.from([index & 0xff]) } }),
    }));
    await Promise.all(written.map((record) => writer.append(record)));
    const read = (await contents('fleet.location')).filter(({ partition }) => partition === 2);
    const text = (headers: Readonly<Record<string, string | Buffer>> = {}) =>
      Object.entries(headers).map(([name, value]) => `${name}=${Buffer.from(value).toString('hex')}`);
    const shown = ({ key, value, timestampMs, headers }: Pick<LogRecord, 'key' | 'value'> & { timestampMs: number; headers?: object }) => ({
      key,
      value: value?.toString('hex'),
      timestampMs,
      headers: text(headers as LogRecord['headers']),
    });
    expect(read.map(shown)).toEqual(written.map(shown));
  });

  test("answers with the log's time where the topic keeps its own", async () => {
    const before = Date.now();
    const outcome = await writer.append({ topic: 'fleet.presence', key: 'truck-1', value: Buffer.from('{}'), timestampMs: 1_000 });
    expect(outcome.kind === 'stored' && outcome.timestampMs).toBeGreaterThanOrEqual(before - 1_000);
  });

  test('a record that is too large is refused, and its neighbours are stored in order', async () => {
    const append = (name: string, size: number) =>
      writer.append({ topic: 'fleet.diagnostics', key: name, partition: 1, value: Buffer.alloc(size, 'x') });
    const outcomes = await Promise.all([
      append('a', 10),
      append('b', 200_000),
      append('huge', 1_300_000),
      append('c', 200_000),
      append('d', 10),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['stored', 'stored', 'refused', 'stored', 'stored']);
    expect(outcomes[2]).toMatchObject({ code: 'message_too_large' });
    const stored = await contents('fleet.diagnostics');
    expect(stored.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a record whose time is further ahead of Kafka than it takes is kept, not refused: it is our clock that is wrong', async () => {
    const registry = createMetrics('test');
    const ahead = createLogWriter(topics.connection, { logger, registry });
    const record = { topic: 'fleet.location', key: 'truck-1', value: Buffer.from('a'), timestampMs: Date.now() + 7_200_000 };
    const outcome = ahead.append(record);
    const resends = async () => (await registry.getSingleMetric('milepost_kafka_writer_resends_total')?.get())?.values ?? [];
    const refusals = async () => (await resends()).find(({ labels }) => labels.reason === 'invalid_timestamp')?.value ?? 0;
    await expect.poll(refusals).toBeGreaterThan(1);
    await ahead.close({ timeoutMs: 100 });
    expect(await outcome).toMatchObject({ kind: 'withheld', code: 'closed' });
  });

  test('a batch as full as it may be is not refused', async () => {
    const value = Buffer.alloc(450 * 1024 - 200, 'x');
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => writer.append({ topic: 'fleet.location', key: 'truck-9', value })));
    expect(outcomes.every(({ kind }) => kind === 'stored')).toBe(true);
  });

  test('records of a key are stored in the order of the calls, across many batches', async () => {
    const count = 5_000;
    const outcomes = await Promise.all(
      Array.from({ length: count }, (_, i) =>
        writer.append({ topic: 'fleet.alerts', key: `truck-${i % 7}`, value: Buffer.from(String(i)) }),
      ),
    );
    expect(outcomes.every(({ kind }) => kind === 'stored')).toBe(true);
    const latest = new Map<string | null, number>();
    const stored = await contents('fleet.alerts');
    expect(stored).toHaveLength(count);
    for (const { key, value } of stored) {
      const number = Number(value?.toString());
      expect(number).toBeGreaterThan(latest.get(key) ?? -1);
      latest.set(key, number);
    }
  });
});
