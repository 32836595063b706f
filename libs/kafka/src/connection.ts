import { readFileSync } from 'node:fs';
import { addressFault, ConfigError, type Logger } from '@milepost/runtime';
import { type Admin, Kafka, type KafkaConfig as KafkaJsConfig, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs';
import { AdminClient } from './admin-client.js';
import { clientLogger } from './client-logger.js';
import { beginConnectionsAfresh } from './fresh-connections.js';
import type { KafkaConfig } from './kafka-env.js';
import { quietIdleConnections } from './quiet-idle-connections.js';
import { giveUpSilentNodes } from './silent-nodes.js';
import { keepMetadataFresh } from './steady-metadata.js';
import { countTimeoutsByUptime } from './uptime-timeouts.js';

quietIdleConnections();
beginConnectionsAfresh();
countTimeoutsByUptime();
giveUpSilentNodes();
keepMetadataFresh();

export interface ConnectOptions {
  /** Shown in Kafka's own logs and quotas. */
  clientId: string;
  logger: Logger;
  /** Time until a request counts as unanswered. */
  requestTimeoutMs?: number;
  /** Time until `askAdmin` gives a client up. */
  adminTimeoutMs?: number;
}

export interface KafkaConnection {
  readonly kafka: Kafka;
  /** The same Kafka with other client settings. */
  createClient(overrides: Partial<KafkaJsConfig>): Kafka;
  readonly config: KafkaConfig;
  /** How often and after what pauses a client asks again. */
  readonly retry: RetryOptions;
  readonly logger: Logger;
  /** `fleet.location` → the name in Kafka, with the installation's prefix. Groups are prefixed the same way. */
  physicalTopic(logical: string): string;
  logicalTopic(physical: string): string;
  /** One admin client for the connection, connected when first asked for. */
  admin(): Promise<Admin>;
  /** Asks Kafka something through that client; one that does not answer in time is given up for another. See `AdminClient.ask`. */
  askAdmin<T>(question: (admin: Admin) => Promise<T>): Promise<T>;
  /** The id that Kafka keeps in its data: another id means another log, whatever its address. */
  clusterId(): Promise<string>;
  /** Closes the admin client; writers and consumers are closed by who made them. */
  close(): Promise<void>;
}

const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** More than a request takes that is tried again once. */
const ADMIN_TIMEOUT_MS = 25_000;
// kafkajs would wait up to 30 s between attempts: a Kafka that is back should be noticed.
const RETRY = { retries: 8, initialRetryTime: 100, maxRetryTime: 2_000 };

/** Settings of Kafka, ready to make clients; talks to nobody yet. @throws ConfigError when a broker is no address, a TLS file cannot be read, or SASL settings are incomplete. */
export function connectKafka(
  config: KafkaConfig,
  { clientId, logger, requestTimeoutMs = REQUEST_TIMEOUT_MS, adminTimeoutMs = ADMIN_TIMEOUT_MS }: ConnectOptions,
): KafkaConnection {
  requireBrokerAddresses(config);
  const settings: KafkaJsConfig = {
    clientId,
    brokers: oneAfterAnother(config.KAFKA_BROKERS),
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    logLevel: logLevel.WARN,
    logCreator: clientLogger(logger),
    ...tlsOf(config),
    ...saslOf(config),
    retry: RETRY,
  };
  const kafka = new Kafka(settings);
  const prefix = config.KAFKA_TOPIC_PREFIX ?? '';
  const admin = new AdminClient(kafka, adminTimeoutMs);
  let clusterId: string | undefined;

  const connection: KafkaConnection = {
    kafka,
    createClient: (overrides) => new Kafka({ ...settings, brokers: oneAfterAnother(config.KAFKA_BROKERS), ...overrides }),
    config,
    retry: RETRY,
    logger,
    physicalTopic: (logical) => prefix + logical,
    logicalTopic: (physical) => (physical.startsWith(prefix) ? physical.slice(prefix.length) : physical),
    admin: () => admin.get(),
    askAdmin: (question) => admin.ask(question),
    clusterId: async () => {
      clusterId ??= (await admin.ask((client) => client.describeCluster())).clusterId;
      return clusterId;
    },
    close: () => admin.close(),
  };
  return connection;
}

/**
 * A client begins with any of the nodes that are named, and each attempt of it goes to the next. kafkajs begins with the first each time: a client that
 * tries once, as the writer's does, would never come to the second.
 */
function oneAfterAnother(brokers: readonly string[]): () => string[] {
  let next = Math.floor(Math.random() * brokers.length);
  return () => {
    const at = next++ % brokers.length;
    return brokers.slice(at, at + 1);
  };
}

/** kafkajs would look for what is no address without end. @throws ConfigError */
export function requireBrokerAddresses({ KAFKA_BROKERS }: KafkaConfig): void {
  const message = addressFault(KAFKA_BROKERS);
  if (message !== undefined) throw new ConfigError([{ variable: 'KAFKA_BROKERS', message }]);
}

function tlsOf(config: KafkaConfig): Pick<KafkaJsConfig, 'ssl'> {
  if (!config.KAFKA_SSL) return {};
  const file = (variable: 'KAFKA_SSL_CA_FILE' | 'KAFKA_SSL_CERT_FILE' | 'KAFKA_SSL_KEY_FILE') => {
    const path = config[variable];
    try {
      return path === undefined ? undefined : readFileSync(path, 'utf8');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new ConfigError([{ variable, message: `"${path}" cannot be read (${code}). Check the path, and who may read it.` }]);
    }
  };
  const ca = file('KAFKA_SSL_CA_FILE');
  const cert = file('KAFKA_SSL_CERT_FILE');
  const key = file('KAFKA_SSL_KEY_FILE');
  return { ssl: { ...(ca && { ca: [ca] }), ...(cert && { cert }), ...(key && { key }) } };
}

function saslOf(config: KafkaConfig): Pick<KafkaJsConfig, 'sasl'> {
  const mechanism = config.KAFKA_SASL_MECHANISM;
  if (mechanism === undefined) return {};
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  if (username === undefined || password === undefined) {
    const message = `is ${mechanism}: KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be set as well.`;
    throw new ConfigError([{ variable: 'KAFKA_SASL_MECHANISM', message }]);
  }
  return { sasl: { mechanism, username, password } as SASLOptions };
}
