export { type ConnectOptions, connectKafka, type KafkaConnection, requireBrokerAddresses } from './connection.js';
export { type BatchConsumer, type BatchConsumerOptions, createBatchConsumer } from './consumer/batch-consumer.js';
export type { BatchOutcome, RecordBatch } from './consumer/handler-batch.js';
export { createLogTail, type LogTail, type LogTailOptions } from './consumer/log-tail.js';
export { type Position, PositionError } from './consumer/position-in-log.js';
export { withHeartbeats } from './consumer/with-heartbeats.js';
export { type KafkaConfig, kafkaEnv } from './kafka-env.js';
export { type AskedKafka, logRange } from './log-range.js';
export {
  headerText,
  type LogRecord,
  type OffsetRange,
  type RecordsToAppend,
  type RecordToAppend,
  type TopicPartition,
} from './log-record.js';
export { partitionOf } from './partitioner.js';
export { pingKafka } from './ping-kafka.js';
export { type ProvisionedTopic, type ProvisionOptions, provisionTopics, topicRisks, verifyTopics } from './topics.js';
export { TopicsError } from './topics-error.js';
export { type AppendOutcome, type OutcomeReceiver, placeOf, type RunReceiver } from './writer/append-outcome.js';
export { encodeProduceRequest, type ProduceRequest } from './writer/encoding/produce-request.js';
export { type AppendOptions, createLogWriter, type LogWriter, type LogWriterOptions } from './writer/log-writer.js';
export { encodedBytes } from './writer/partition-queue.js';
