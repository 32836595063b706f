import { recordedPartitions } from '@milepost/database';
import { pingKafka, verifyTopics } from '@milepost/kafka';
import type { Installation } from '../installation.js';
import { examined, type Finding, fine, wrong } from './finding.js';

/** Whether Kafka answers, and its topics are those that the installation was made with. Nothing where none is named: that is the stack's finding. */
export async function checkKafka(installation: Installation): Promise<Finding[]> {
  if (!installation.namesKafka) return [];
  const reached = await examined(
    'Kafka',
    'Check KAFKA_BROKERS and that Kafka runs; the stack writes its log to logs/kafka.log.',
    async () => {
      const config = installation.kafkaConfig();
      const { clusterId, brokers } = await pingKafka(config);
      return fine(
        'Kafka',
        `cluster ${clusterId} answers at ${config.KAFKA_BROKERS.join(', ')}, ${brokers} broker${brokers === 1 ? '' : 's'}`,
      );
    },
  );
  if (!reached.every(({ ok }) => ok)) return reached;
  const topics = await examined('Kafka topics', 'Run `npx milepost migrate`; it makes what is missing.', async () => {
    const recorded = await installation.withOwner(recordedPartitions);
    if (recorded.size === 0) return wrong('Kafka topics', 'no installation is recorded in the database', 'Run `npx milepost migrate`.');
    await installation.withKafka((connection) => verifyTopics(connection, recorded));
    return fine('Kafka topics', `all ${recorded.size} are there with the partitions that they were made with`);
  });
  return [...reached, ...topics];
}
