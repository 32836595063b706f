import { type BrokerCore, createCore } from '@milepost/broker/broker-core.js';
import type { VehicleDoorOptions } from '@milepost/broker/doors/vehicles/vehicle-gate.js';
import type { MessageLog } from '@milepost/broker/log/message-log.js';
import { BrokerMetrics } from '@milepost/broker/metrics.js';
import { PresencePublisher } from '@milepost/broker/presence/presence-publisher.js';
import { RefusalReporter } from '@milepost/broker/refusals/refusal-reporter.js';
import { connectKafka, createLogWriter } from '@milepost/kafka';
import { DEFAULT_CONNECTION_OPTIONS, DEFAULT_ROUTER_LIMITS, DEFAULT_SESSION_LIMITS } from '@milepost/mqtt';
import type { Trust } from '@milepost/pki';
import { createLogger, createMetrics, keepObjectsYoung, type Logger } from '@milepost/runtime';
import { KAFKA_BEHIND, PARTITIONS } from '../kafka-behind.js';
import { NullLog } from './null-log.js';

const MIB = 1024 * 1024;

export interface BenchCore {
  receive: BrokerCore['receive'];
  departures: BrokerCore['departures'];
  door: VehicleDoorOptions;
  metrics: BrokerMetrics;
  logger: Logger;
}

/** The broker behind its doors as apps/broker puts it together. Without a Kafka behind it the log answers by itself; nobody reads presence back. */
export async function createBenchCore(trust: Trust): Promise<BenchCore> {
  // As `runApp` does.
  keepObjectsYoung();
  const logger = createLogger({ app: 'broker', level: 'warn' });
  const metrics = new BrokerMetrics(createMetrics('broker'));
  const log = createLog(logger);
  const publisher = new PresencePublisher({ log, node: 'bench', epoch: Date.now(), partitions: PARTITIONS });
  const refusals = new RefusalReporter({ publisher, log, operatorOrganisation: 'default', metrics, logger });
  const { receive, departures } = await createCore({
    log,
    reader: { readAll: () => Promise.resolve() },
    node: 'bench',
    epoch: Date.now(),
    partitions: PARTITIONS,
    limits: DEFAULT_SESSION_LIMITS,
    connections: DEFAULT_CONNECTION_OPTIONS,
    router: DEFAULT_ROUTER_LIMITS,
    maxProcessBytes: 512 * MIB,
    maxQoS0Bytes: 32 * MIB,
    metrics,
    logger,
  });
  return { receive, departures, door: { trust, publisher, refusals, alone: true }, metrics, logger };
}

function createLog(logger: Logger): MessageLog {
  const brokers = process.env[KAFKA_BEHIND]?.split(',');
  if (brokers === undefined) return new NullLog();
  const config = { KAFKA_BROKERS: brokers, KAFKA_SSL: false, KAFKA_PARTITIONS: PARTITIONS };
  return createLogWriter(connectKafka(config, { clientId: 'milepost-bench', logger }), { logger, maxBufferedBytes: 512 * MIB });
}
