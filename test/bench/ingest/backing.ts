import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackingServices } from '@milepost/backing-services';
import { createPool, migrate, recordPartitions, rolePasswords, setRolePasswords, urlForRole } from '@milepost/database';
import { connectKafka, createLogWriter, type KafkaConnection, type LogWriter, provisionTopics } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import type { Pool } from 'pg';

export interface Backing {
  kafka: KafkaConnection;
  writer: LogWriter;
  owner: Pool;
  /** Of an ingest process. */
  environment: Record<string, string>;
  /** As ingest connects. */
  databaseUrl: string;
  /** What Kafka and Postgres keep lies below it. */
  dataDir: string;
  /** Kafka and Postgres. */
  processes: { name: string; pid: number }[];
  stop(): Promise<void>;
}

/** A Kafka and a Postgres of the run's own, with Postgres's durability as it is delivered (fsync and synchronous_commit on). */
export async function startBacking(partitions: number): Promise<Backing> {
  const dir = mkdtempSync(join(tmpdir(), 'milepost-ingest-bench-'));
  // As root, Postgres runs as another user and must get in.
  chmodSync(dir, 0o755);
  const logger = createLogger({ app: 'bench', level: 'error' });
  const { KAFKA_BROKERS: _kafka, DATABASE_URL: _database, ...environment } = process.env;
  const services = await startBackingServices({ dataDir: dir, environment, log: () => undefined, kafka: { profile: 'throughput' } });
  const ownerUrl = services.postgres.url;
  const passwords = rolePasswords('milepost-bench');
  await migrate(ownerUrl, logger);
  await setRolePasswords(ownerUrl, passwords);
  const owner = createPool({ url: ownerUrl, app: 'bench', size: 4, logger, statementTimeoutMs: 600_000 });
  const config = { KAFKA_BROKERS: services.kafka.brokers, KAFKA_SSL: false, KAFKA_PARTITIONS: partitions };
  const kafka = connectKafka(config, { clientId: 'milepost-bench', logger });
  const topics = await provisionTopics(kafka, { partitions, logger });
  await recordPartitions(owner, new Map(topics.map(({ topic }) => [topic, partitions])));
  const writer = createLogWriter(kafka, { logger });
  const databaseUrl = urlForRole(ownerUrl, 'milepost_ingest', passwords);
  return {
    kafka,
    writer,
    owner,
    databaseUrl,
    dataDir: dir,
    environment: {
      PATH: process.env.PATH ?? '',
      KAFKA_BROKERS: services.kafka.brokers.join(','),
      DATABASE_URL: databaseUrl,
      DATABASE_MAINTENANCE_URL: ownerUrl,
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
    },
    processes: services.processes,
    stop: async () => {
      await writer.close({ timeoutMs: 5_000 });
      await kafka.close();
      await owner.end();
      await services.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
