import { env } from '@milepost/runtime';
import Type, { type Static } from 'typebox';

/** How an app reaches Kafka. Spread into the app's configuration schema. */
export const kafkaEnv = {
  KAFKA_BROKERS: env.list({ default: ['127.0.0.1:9092'], description: 'Kafka brokers as host:port, comma-separated' }),
  KAFKA_SSL: env.boolean({ default: false, description: 'Speak TLS to Kafka' }),
  KAFKA_SSL_CA_FILE: Type.Optional(env.file({ description: "PEM file of the CA that signed the Kafka brokers' certificates" })),
  KAFKA_SSL_CERT_FILE: Type.Optional(env.file({ description: 'PEM file of the client certificate for Kafka' })),
  KAFKA_SSL_KEY_FILE: Type.Optional(env.file({ description: 'PEM file of the key of the client certificate for Kafka' })),
  KAFKA_SASL_MECHANISM: Type.Optional(
    env.oneOf(['plain', 'scram-sha-256', 'scram-sha-512'], { description: 'SASL mechanism; needs the user name and the password' }),
  ),
  KAFKA_SASL_USERNAME: Type.Optional(env.string({ description: 'SASL user name' })),
  KAFKA_SASL_PASSWORD: Type.Optional(env.string({ description: 'SASL password', secret: true })),
  KAFKA_TOPIC_PREFIX: Type.Optional(
    env.string({
      pattern: '^[a-zA-Z0-9._-]{1,100}$',
      description: 'Put before every topic and group name, so that installations can share a Kafka',
    }),
  ),
  KAFKA_PARTITIONS: env.integer({
    default: 12,
    minimum: 1,
    maximum: 10_000,
    description:
      'Partitions a topic of a new installation; they stay, and are recorded in Postgres. The broker, which does not ask there, needs the same number; the other apps go by the record',
  }),
};

const kafkaSchema = Type.Object(kafkaEnv);
export type KafkaConfig = Static<typeof kafkaSchema>;
