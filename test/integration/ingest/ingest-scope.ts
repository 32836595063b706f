import { topics } from '@milepost/contracts';
import { recordPartitions } from '@milepost/database';
import { createLogWriter, type LogWriter, partitionOf } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { eventually, type TestApp, type TestDatabase, type TestScope, type TestTopics } from '@milepost/test-support';

export interface Sent {
  topic?: string;
  vehicle: string | null;
  /** Objects are sent as JSON. */
  payload: unknown;
  organisation?: string | null;
  headers?: Record<string, string>;
  timestampMs?: number;
}

/** A database and topics of one's own, and a hand that writes to Kafka as the broker does. */
export interface IngestScope {
  database: TestDatabase;
  topics: TestTopics;
  partitions: number;
  environment: Record<string, string>;
  start(environment?: Record<string, string>): Promise<TestApp>;
  /** Resolves when Kafka has it; with the offset in its partition. */
  send(sent: Sent): Promise<{ partition: number; offset: bigint }>;
  writer: LogWriter;
  /** One row's first column. */
  scalar<T>(sql: string, values?: unknown[]): Promise<T>;
  rows<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
  /** Until everything in the log of a topic is settled. */
  settled(topic?: string): Promise<void>;
}

export async function ingestScope(scope: TestScope, { partitions = 2 } = {}): Promise<IngestScope> {
  const [database, testTopics] = await Promise.all([scope.database(), scope.topics({ partitions })]);
  await recordPartitions(database.owner, new Map(Object.values(topics).map((topic) => [topic, partitions])));
  const writer = createLogWriter(testTopics.connection, { logger: createLogger({ app: 'test', level: 'error' }) });
  scope.onEnd(() => writer.close({ timeoutMs: 1_000 }));
  const environment = {
    ...testTopics.environment,
    DATABASE_URL: database.urlFor('milepost_ingest'),
    DATABASE_MAINTENANCE_URL: database.ownerUrl,
  };
  const rows = async <T extends object>(sql: string, values: unknown[] = []) => (await database.owner.query(sql, values)).rows as T[];
  const scalar = async <T>(sql: string, values: unknown[] = []) => Object.values((await rows(sql, values))[0] ?? {})[0] as T;
  return {
    database,
    topics: testTopics,
    partitions,
    environment,
    writer,
    rows,
    scalar,
    start: (more = {}) => scope.app('ingest', { ...environment, ...more }),
    send: async ({ topic = topics.location, vehicle, payload, organisation = 'default', headers = {}, timestampMs = Date.now() }) => {
      const value = Buffer.isBuffer(payload) ? payload : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
      const outcome = await writer.append({
        topic,
        key: vehicle,
        value,
        partition: vehicle === null ? 0 : partitionOf(vehicle, partitions),
        headers: { ...(organisation === null ? {} : { organisation }), ...headers },
        timestampMs,
      });
      if (outcome.kind !== 'stored') throw new Error(`Kafka did not take a record: ${outcome.code} ${outcome.message}`);
      return outcome;
    },
    settled: (topic = topics.location) =>
      eventually(
        async () => {
          const admin = await testTopics.connection.admin();
          for (const { partition, high } of await admin.fetchTopicOffsets(testTopics.connection.physicalTopic(topic))) {
            const stored = await scalar<string | undefined>('select next_offset from kafka_offsets where topic = $1 and partition = $2', [
              topic,
              partition,
            ]);
            if ((stored ?? '0') !== high) throw new Error(`${topic}/${partition} is stored up to ${stored} of ${high}`);
          }
        },
        { timeoutMs: 30_000, everyMs: 100 },
      ),
  };
}
