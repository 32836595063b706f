import { createLogTail, createLogWriter, type LogTailOptions, type LogWriter } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { eventually, type TestTopics, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';

const logger = createLogger({ app: 'test', level: 'error' });
const scope = useTestScope();
const topic = 'fleet.presence';
let topics: TestTopics;
let writer: LogWriter;

beforeAll(async () => {
  topics = await scope.topics();
  writer = createLogWriter(topics.connection, { logger });
  scope.onEnd(() => writer.close({ timeoutMs: 5_000 }));
  await append('a', 'b');
});

function append(...values: string[]) {
  return Promise.all(values.map((value) => writer.append({ topic, key: null, partition: 0, value: Buffer.from(value) })));
}

async function tailFrom(from: LogTailOptions['from']) {
  const seen: string[] = [];
  const tail = createLogTail(topics.connection, {
    topic,
    logger,
    from,
    onRecord: ({ value }) => void seen.push(value?.toString() ?? ''),
    onFatal: (error) => {
      throw error;
    },
  });
  await tail.start();
  return { tail, seen };
}

describe('a log tail', () => {
  test('from the end brings what is appended after it started, and nothing before', async () => {
    const { tail, seen } = await tailFrom('end');
    await append('c');
    await eventually(() => expect(seen).toEqual(['c']));
    await tail.close();
  });

  test('has read everything when readToEnd resolves, also on an empty partition', async () => {
    const { tail, seen } = await tailFrom('start');
    await append('d');
    await tail.readToEnd();
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
    await tail.close();
  });

  test('from a time brings what is not older', async () => {
    const [outcome] = await append('e');
    const since = outcome?.kind === 'stored' ? outcome.timestampMs : 0;
    const { tail, seen } = await tailFrom({ timestampMs: since });
    await tail.readToEnd();
    expect(seen).toEqual(['e']);
    await tail.close();
  });

  test('leaves no group behind', async () => {
    const { tail } = await tailFrom('end');
    await tail.close();
    const { groups } = await (await topics.connection.admin()).listGroups();
    expect(groups.filter(({ groupId }) => groupId.startsWith(topics.prefix))).toEqual([]);
  });
});
