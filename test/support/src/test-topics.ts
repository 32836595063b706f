import { randomBytes } from 'node:crypto';
import { connectKafka, type KafkaConfig, type KafkaConnection, provisionTopics } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { testServices } from './test-services.js';

export interface TestTopics {
  /** Before every topic and group of this test. */
  prefix: string;
  config: KafkaConfig;
  /** The same as environment variables, for `startApp`. */
  environment: Record<string, string>;
  connection: KafkaConnection;
  remove(): Promise<void>;
}

export interface TestTopicsOptions {
  partitions?: number;
  /** Another Kafka than the run's, see `startOwnKafka`. */
  brokers?: readonly string[];
  level?: string;
}

/** The topics of the contract under a prefix of one's own. */
export async function createTestTopics({ partitions = 3, brokers, level = 'error' }: TestTopicsOptions = {}): Promise<TestTopics> {
  const services = testServices();
  const prefix = `${services.runId}.${randomBytes(4).toString('hex')}.`;
  const config: KafkaConfig = {
    KAFKA_BROKERS: [...(brokers ?? services.kafkaBrokers)],
    KAFKA_SSL: false,
    KAFKA_TOPIC_PREFIX: prefix,
    KAFKA_PARTITIONS: partitions,
  };
  const logger = createLogger({ app: 'test', level });
  const connection = connectKafka(config, { clientId: 'milepost-test', logger });
  await provisionTopics(connection, { partitions, logger });
  return {
    prefix,
    config,
    environment: { KAFKA_BROKERS: config.KAFKA_BROKERS.join(','), KAFKA_TOPIC_PREFIX: prefix, KAFKA_PARTITIONS: String(partitions) },
    connection,
    remove: async () => {
      await connection.close();
      await removeTopicsOf(config.KAFKA_BROKERS, prefix);
    },
  };
}

/** Deletes topics and groups whose names begin so. */
export async function removeTopicsOf(brokers: readonly string[], prefix: string): Promise<void> {
  const logger = createLogger({ app: 'test', level: 'silent' });
  const connection = connectKafka(
    { KAFKA_BROKERS: [...brokers], KAFKA_SSL: false, KAFKA_PARTITIONS: 1 },
    { clientId: 'milepost-test', logger },
  );
  try {
    const admin = await connection.admin();
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    const { groups } = await admin.listGroups();
    const groupIds = groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix));
    // A member that was killed keeps its group until its session is over: Kafka forgets it then by itself.
    if (groupIds.length > 0) await admin.deleteGroups(groupIds).catch(() => undefined);
  } finally {
    await connection.close();
  }
}
