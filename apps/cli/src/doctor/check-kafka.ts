import { pingKafka } from '@milepost/kafka';
import { ConfigError } from '@milepost/runtime';
import type { Installation } from '../reaching/installation.js';
import { causes, examined, type Finding, fine, wrong } from './finding.js';

const mend =
  'Check that Kafka runs there, and the KAFKA_ settings. A stack writes the log of its own Kafka to logs/kafka.log in its data folder.';

/** Whether each broker that is named answers. Nothing where none is named: that is the stack's finding. */
export async function checkKafka(installation: Installation): Promise<Finding[]> {
  if (!installation.namesKafka) return [];
  return examined('Kafka', 'Mend what is named, and ask again.', async () => {
    const config = installation.kafkaConfig();
    // Each alone: clients find the others through the one that answers, until that is the one which is gone.
    const answers = await Promise.allSettled(config.KAFKA_BROKERS.map((broker) => pingKafka({ ...config, KAFKA_BROKERS: [broker] })));
    // What is wrong with the settings is wrong whoever is asked.
    const unusable = answers.find((answer) => answer.status === 'rejected' && answer.reason instanceof ConfigError);
    if (unusable?.status === 'rejected') throw unusable.reason;
    return answers.map((answer, index) => {
      const broker = config.KAFKA_BROKERS[index] ?? '';
      if (answer.status === 'rejected') return wrong('Kafka', `${broker} does not answer (${causes(answer.reason)})`, mend);
      const { clusterId, brokers } = answer.value;
      return fine('Kafka', `cluster ${clusterId} answers at ${broker}, ${brokers} broker${brokers === 1 ? '' : 's'}`);
    });
  });
}
