import { type KafkaConfig, pingKafka } from '@milepost/kafka';
import { ConfigError } from '@milepost/runtime';
import { CliError } from '../cli-error.js';

/**
 * Asks once, so that what fails is known to be Kafka: its client would try for half a minute, and say less.
 * @param source where the brokers are named: a variable or a file.
 * @throws CliError that names them; ConfigError when the settings cannot be used.
 */
export async function reachKafka(config: KafkaConfig, source: string): Promise<void> {
  try {
    await pingKafka(config);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(
      `No connection to Kafka at ${config.KAFKA_BROKERS.join(', ')} (${reason}). Check ${source}, and that Kafka runs.`,
      1,
      { cause },
    );
  }
}
