import type { Topic } from '@milepost/contracts';
import { createLogTail, type LogRecord } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { eventually } from './eventually.js';
import type { TestScope } from './test-scope.js';
import type { TestTopics } from './test-topics.js';

export interface TopicReader {
  readonly records: readonly LogRecord[];
  /** The JSON values of a partition key, in the log's order. */
  values<T>(key?: string): T[];
  /** Waits until the values satisfy it. */
  until<T>(found: (values: T[]) => boolean, key?: string): Promise<T[]>;
}

/** Reads a topic from its start for as long as the test lasts. */
export async function readTopic(scope: TestScope, { connection }: TestTopics, topic: Topic): Promise<TopicReader> {
  const records: LogRecord[] = [];
  const tail = createLogTail(connection, {
    topic,
    logger: createLogger({ app: 'test', level: 'error' }),
    from: 'start',
    onRecord: (record) => void records.push(record),
    onFatal: (error) => {
      throw error;
    },
  });
  scope.onEnd(() => tail.close());
  await tail.start();
  const values = <T>(key?: string): T[] =>
    records.filter((record) => key === undefined || record.key === key).map(({ value }) => JSON.parse(String(value)) as T);
  return {
    records,
    values,
    until: <T>(found: (values: T[]) => boolean, key?: string) =>
      eventually(
        () => {
          const now = values<T>(key);
          if (!found(now)) throw new Error(`${topic} holds only ${JSON.stringify(now)}`);
          return now;
        },
        { timeoutMs: 15_000 },
      ),
  };
}
