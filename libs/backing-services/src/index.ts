export { processStartTime } from '@milepost/files';
export { BackingServiceError, type BackingServiceErrorCode } from './backing-service-error.js';
export { newClusterId } from './cluster-id.js';
export {
  type EmbeddedKafka,
  type EmbeddedKafkaOptions,
  type KafkaClusterSeat,
  type KafkaNode,
  startEmbeddedKafka,
} from './embedded-kafka.js';
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded-postgres.js';
export { allocateWith, findJemalloc } from './jemalloc.js';
export { choosePort } from './ports.js';
export { askBackingServices, type BackingServices, type BackingServicesOptions, startBackingServices } from './start-backing-services.js';
