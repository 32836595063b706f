import { createLogger } from '@milepost/runtime';
import { connectKafka } from './connection.js';
import type { KafkaConfig } from './kafka-env.js';

/** Asks once, without patience: resolves when there are a controller and a broker to write to, rejects with the reason. */
export async function pingKafka(config: KafkaConfig): Promise<{ clusterId: string; brokers: number }> {
  const logger = createLogger({ app: 'ping', level: 'silent' });
  const { kafka } = connectKafka(config, { clientId: 'milepost-ping', logger, requestTimeoutMs: 3_000 });
  const admin = kafka.admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    const { brokers, controller, clusterId } = await admin.describeCluster();
    if (controller === null || brokers.length === 0) throw new Error('Kafka has no controller or no broker yet');
    return { clusterId, brokers: brokers.length };
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
