import { join } from 'node:path';
import { startEmbeddedKafka } from '@milepost/backing-services';
import { connectKafka, provisionTopics } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { PARTITIONS } from '../kafka-behind.js';
import { publishTable } from './publish.js';
import type { Scenario } from './scenario.js';

/** As `publish`, with a real Kafka behind the broker: records, requests and answers are in its CPU; what Kafka itself needs is not. */
export const kafka: Scenario = async ({ pki, options }) => {
  const dir = join(pki.folder, 'kafka');
  const behind = await startEmbeddedKafka({
    dir,
    logFile: join(dir, 'kafka.log'),
    environment: process.env,
    log: () => undefined,
    profile: 'throughput',
  });
  try {
    const logger = createLogger({ app: 'bench', level: 'error' });
    const config = { KAFKA_BROKERS: behind.brokers, KAFKA_SSL: false, KAFKA_PARTITIONS: PARTITIONS };
    const connection = connectKafka(config, { clientId: 'milepost-bench', logger });
    await provisionTopics(connection, { partitions: PARTITIONS, logger });
    await connection.close();
    const kafkaBrokers = behind.brokers.join(',');
    return [await publishTable('kafka', ['bare reader', 'milepost into Kafka'], { pki, options, kafkaBrokers })];
  } finally {
    await behind.stop();
  }
};
