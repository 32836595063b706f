import { recordedPartitions } from '@milepost/database';
import { topicRisks, verifyTopics } from '@milepost/kafka';
import type { Installation } from '../reaching/installation.js';
import { examined, type Finding, fine, wrong } from './finding.js';

const RISK = 'Until then the loss of one node of Kafka can lose what vehicles were told is stored.';

/** Whether Kafka's topics are those that the installation in the database was made with. Asks both: only for where both answer. */
export function checkTopics(installation: Installation): Promise<Finding[]> {
  return examined('Kafka topics', 'Run `npx milepost migrate`; it makes what is missing.', async () => {
    const recorded = await installation.withOwner(recordedPartitions);
    if (recorded.size === 0) return wrong('Kafka topics', 'no installation is recorded in the database', 'Run `npx milepost migrate`.');
    const risks = await installation.withKafka(async (connection) => {
      await verifyTopics(connection, recorded);
      return topicRisks(connection, new Set(recorded.keys()));
    });
    return topicsFound(recorded.size, risks);
  });
}

/** A topic that can lose what was acknowledged is wrong, though all works until a node is lost. */
export function topicsFound(count: number, risks: readonly string[]): Finding[] {
  if (risks.length > 0) return risks.map((risk) => wrong('Kafka topics', risk, RISK));
  return [fine('Kafka topics', `all ${count} are there with the partitions that they were made with`)];
}
