export { type ConnectOptions, connectKafka, type KafkaConnection } from './connection.js';
export { type KafkaConfig, kafkaEnv } from './kafka-env.js';
export { pingKafka } from './ping-kafka.js';
