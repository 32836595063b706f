import { kafkaEnv, pingKafka } from '@milepost/kafka';
import { parseConfig } from '@milepost/runtime';
import Type from 'typebox';

const schema = Type.Object(kafkaEnv);

/** Resolves when a Kafka with these settings has a controller and a broker to write to; rejects with the reason. */
export async function kafkaAnswers(environment: Record<string, string | undefined>): Promise<void> {
  await pingKafka(parseConfig(schema, environment));
}
