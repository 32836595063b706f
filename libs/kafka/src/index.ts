export {
  type BatchConsumer,
  type BatchConsumerOptions,
  type BatchOutcome,
  createBatchConsumer,
  type RecordBatch,
} from './batch-consumer.js';
export { type ConnectOptions, connectKafka, type KafkaConnection } from './connection.js';
export { type KafkaConfig, kafkaEnv } from './kafka-env.js';
export { logRange } from './log-range.js';
export { headerText, type LogRecord, type OffsetRange, type RecordToAppend, type TopicPartition } from './log-record.js';
export { createLogTail, type LogTail, type LogTailOptions } from './log-tail.js';
export { partitionOf } from './partitioner.js';
export { pingKafka } from './ping-kafka.js';
export { type ProvisionedTopic, type ProvisionOptions, provisionTopics, TopicsError, verifyTopics } from './topics.js';
export { type AppendOptions, type AppendOutcome, createLogWriter, type LogWriter, type LogWriterOptions } from './writer/log-writer.js';
