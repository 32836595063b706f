import { recordedPartitions } from '@milepost/database';
import { verifyTopics } from '@milepost/kafka';
import type { Installation } from '../reaching/installation.js';
import { examined, type Finding, fine, wrong } from './finding.js';

/** Whether Kafka's topics are those that the installation in the database was made with. Asks both: only for where both answer. */
export function checkTopics(installation: Installation): Promise<Finding[]> {
  return examined('Kafka topics', 'Run `npx milepost migrate`; it makes what is missing.', async () => {
    const recorded = await installation.withOwner(recordedPartitions);
    if (recorded.size === 0) return wrong('Kafka topics', 'no installation is recorded in the database', 'Run `npx milepost migrate`.');
    await installation.withKafka((connection) => verifyTopics(connection, recorded));
    return fine('Kafka topics', `all ${recorded.size} are there with the partitions that they were made with`);
  });
}
