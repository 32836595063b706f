import { createLogger } from '@milepost/runtime';
import { connectKafka, requireBrokerAddresses } from './connection.js';
import type { KafkaConfig } from './kafka-env.js';

export interface KafkaAnswer {
  clusterId: string;
  brokers: number;
}

/**
 * Asks the brokers that are named, all at once: one that is down is asked for seconds, and must not keep the others from answering.
 * Resolves when one of them knows of a controller and a broker to write to.
 * @throws Error that says of each why it did not answer; ConfigError where one is no address.
 */
export async function pingKafka(config: KafkaConfig): Promise<KafkaAnswer> {
  requireBrokerAddresses(config);
  const brokers = config.KAFKA_BROKERS;
  try {
    return await Promise.any(brokers.map((broker) => ask({ ...config, KAFKA_BROKERS: [broker] })));
  } catch (cause) {
    const faults: unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
    if (faults.length === 1) throw faults[0];
    const reasons = faults.map((fault, index) => `${brokers[index]}: ${fault instanceof Error ? fault.message : fault}`);
    throw new Error(reasons.join('; '), { cause: faults[0] });
  }
}

async function ask(config: KafkaConfig): Promise<KafkaAnswer> {
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
