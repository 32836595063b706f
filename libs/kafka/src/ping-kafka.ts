import { ConfigError, createLogger } from '@milepost/runtime';
import { connectKafka, requireBrokerAddresses } from './connection.js';
import type { KafkaConfig } from './kafka-env.js';

export interface KafkaAnswer {
  clusterId: string;
  brokers: number;
}

const REQUEST_TIMEOUT_MS = 3_000;

/**
 * Asks the brokers that are named, all at once: one that is unreachable is waited for, and must not keep the others from answering.
 * Each is asked once: that a port refuses connections is said at once, that nobody answers, after a few seconds.
 * Resolves when one of them knows of a controller and a broker to write to.
 * @throws Error that says of each why it did not answer; ConfigError where one is no address, or the settings cannot be used.
 */
export async function pingKafka(config: KafkaConfig): Promise<KafkaAnswer> {
  requireBrokerAddresses(config);
  const brokers = config.KAFKA_BROKERS;
  try {
    return await Promise.any(brokers.map((broker) => ask({ ...config, KAFKA_BROKERS: [broker] })));
  } catch (cause) {
    const faults: unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
    // Settings that cannot be used say so of each broker.
    const unusable = faults.find((fault) => fault instanceof ConfigError);
    if (unusable !== undefined || faults.length === 1) throw unusable ?? faults[0];
    const reasons = faults.map((fault, index) => `${brokers[index]}: ${fault instanceof Error ? fault.message : fault}`);
    throw new Error(reasons.join('; '), { cause: faults[0] });
  }
}

async function ask(config: KafkaConfig): Promise<KafkaAnswer> {
  const logger = createLogger({ app: 'ping', level: 'silent' });
  const connection = connectKafka(config, { clientId: 'milepost-ping', logger, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  // Said to the admin client alone, it would not hold for how it connects.
  const admin = connection.createClient({ retry: { retries: 0 } }).admin();
  try {
    await admin.connect();
    const { brokers, controller, clusterId } = await admin.describeCluster();
    if (controller === null || brokers.length === 0) throw new Error('Kafka has no controller or no broker yet');
    return { clusterId, brokers: brokers.length };
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
