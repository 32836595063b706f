import type { Logger } from '@milepost/runtime';
import type { KafkaConnection } from './connection.js';

export interface ProvisionOptions {
  partitions: number;
  /** Three, or as many as there are brokers, unless named. */
  replicationFactor?: number;
  /** In production (NODE_ENV=production) unsafe replication is an error, else a warning. */
  production?: boolean;
  logger: Logger;
}

export interface ProvisionedTopic {
  /** Logical name. */
  topic: string;
  partitions: number;
  created: boolean;
}

/** Why the topics cannot be used as they are, all reasons at once. */
export class TopicsError extends Error {
  readonly code = 'kafka_topics_unfit';
  constructor(readonly problems: string[]) {
    super(`Kafka's topics cannot be used as they are:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'TopicsError';
  }
}

/** Makes the topics of the contract that are missing and checks the ones that are there. @throws TopicsError */
export async function provisionTopics(_connection: KafkaConnection, _options: ProvisionOptions): Promise<ProvisionedTopic[]> {
  throw new Error('not here yet');
}

/** Partition counts are fixed when an installation is made: a key's partition depends on them. @throws TopicsError */
export async function verifyTopics(_connection: KafkaConnection, _expected: ReadonlyMap<string, number>): Promise<void> {
  throw new Error('not here yet');
}
