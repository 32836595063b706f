// `npm run bench:recovery [-- SESSIONS]`: how long the broker takes to restore its sessions from Kafka before its listener opens.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedKafka } from '@milepost/backing-services';
import { createCore } from '@milepost/broker/broker-core.js';
import { KafkaReader } from '@milepost/broker/log/kafka-reader.js';
import { BrokerMetrics } from '@milepost/broker/metrics.js';
import { type SessionRecord, topics } from '@milepost/contracts';
import { connectKafka, createLogTail, createLogWriter, type KafkaConnection, partitionOf, provisionTopics } from '@milepost/kafka';
import { DEFAULT_CONNECTION_OPTIONS, DEFAULT_ROUTER_LIMITS, DEFAULT_SESSION_LIMITS } from '@milepost/mqtt';
import { createLogger, createMetrics } from '@milepost/runtime';
import { parseOptions, usage } from './options.js';

const PARTITIONS = 12;
const MIB = 1024 * 1024;
const AT_A_TIME = 5_000;
const options = parseOptions(process.argv.slice(2));
if (options === 'help') {
  process.stdout.write(usage);
  process.exit(0);
}
const { sessions } = options;
const logger = createLogger({ app: 'bench', level: 'error' });

const dir = mkdtempSync(join(tmpdir(), 'milepost-recovery-'));
const service = await startEmbeddedKafka({
  dir,
  logFile: join(dir, 'kafka.log'),
  environment: process.env,
  log: () => undefined,
  heapMb: 512,
  onProcess: () => undefined,
});
try {
  const config = { KAFKA_BROKERS: service.brokers, KAFKA_SSL: false, KAFKA_TOPIC_PREFIX: '', KAFKA_PARTITIONS: PARTITIONS };
  const kafka = connectKafka(config, { clientId: 'milepost-bench', logger });
  await provisionTopics(kafka, { partitions: PARTITIONS, logger });
  await write(kafka);
  await restore(kafka);
  await kafka.close();
} finally {
  await service.stop();
  rmSync(dir, { recursive: true, force: true });
}

/** A vehicle's session: two subscriptions, nothing waiting. */
async function write(kafka: KafkaConnection): Promise<void> {
  const log = createLogWriter(kafka, { logger });
  for (let at = 0; at < sessions; at += AT_A_TIME) {
    await Promise.all(
      Array.from({ length: Math.min(AT_A_TIME, sessions - at) }, (_, offset) => {
        const clientId = `truck-${at + offset}`;
        const key = `vehicle/acme/${clientId}`;
        const filters = [`fleet/${clientId}/commands/#`, `fleet/${clientId}/config/#`];
        const record: SessionRecord = {
          kind: 'session',
          node: 'bench',
          epoch: 1,
          counter: at + offset + 1,
          organisation: 'acme',
          clientId,
          born: { epoch: 1, counter: at + offset },
          expirySeconds: 86_400,
          subscriptions: filters.map((filter) => ({ filter, qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 })),
        };
        const value = Buffer.from(JSON.stringify(record));
        return log.append({ topic: topics.mqttSessions, key: `session:${key}`, partition: partitionOf(key, PARTITIONS), value });
      }),
    );
  }
  await log.close({ timeoutMs: 5_000 });
}

async function restore(kafka: KafkaConnection): Promise<void> {
  const log = createLogWriter(kafka, { logger });
  const before = process.memoryUsage().rss;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const core = await createCore({
    log,
    reader: new KafkaReader(kafka, logger, (options) => createLogTail(kafka, options)),
    node: 'bench',
    epoch: 2,
    partitions: PARTITIONS,
    connections: DEFAULT_CONNECTION_OPTIONS,
    limits: DEFAULT_SESSION_LIMITS,
    router: DEFAULT_ROUTER_LIMITS,
    maxProcessBytes: 512 * MIB,
    maxQoS0Bytes: 32 * MIB,
    metrics: new BrokerMetrics(createMetrics('bench')),
    logger,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const grownMib = (process.memoryUsage().rss - before) / MIB;
  process.stdout.write(
    `${sessions.toLocaleString('en')} sessions, ${core.delivery.subscriptionCount.toLocaleString('en')} subscriptions: restored in ${seconds.toFixed(1)} s ` +
      `(${((user + system) / 1e6).toFixed(1)} s of CPU), ${grownMib.toFixed(0)} MiB more in memory\n`,
  );
  core.close();
  await log.close({ timeoutMs: 1_000 });
}
