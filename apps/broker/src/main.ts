import cluster from 'node:cluster';
import { connectKafka, createLogWriter } from '@milepost/kafka';
import { loadTrust } from '@milepost/pki';
import { runApp, within } from '@milepost/runtime';
import { startBroker } from './broker.js';
import { configSchema, nodeIdOf, requireAlone } from './config.js';
import { startingProcess } from './processes/cluster-child.js';
import { startProcesses } from './processes/start-processes.js';

/** Room in the writer for presence beside the vehicles' messages: these stop at the process's limit, and records of presence never wait. */
const PRESENCE_ROOM_BYTES = 256 * 1024 * 1024;
const CLOSE_TIMEOUT_MS = 10_000;
const KAFKA_CLOSE_MS = 500;

await runApp({
  name: 'broker',
  description: 'takes MQTT over mutual TLS from vehicles and makes it durable in Kafka before it acknowledges',
  config: configSchema,
  closeTimeoutMs: CLOSE_TIMEOUT_MS,
  start: async ({ config, logger: base, registry, fail, finish }) => {
    requireAlone(config);
    if (config.BROKER_PROCESSES > 1 && cluster.isPrimary) return startProcesses({ config, registry, logger: base, fail });
    startingProcess.onStop(finish);
    const node = nodeIdOf(config);
    const logger = base.child({ node });
    const trust = await loadTrust(config.MQTT_TRUSTED_CAS_FILE, {
      strict: config.MQTT_REVOCATION_STRICT,
      onProblem: (problem) => logger.error({ event: 'broker.trust.problem', ...problem }, problem.message),
    });
    const kafka = connectKafka(config, { clientId: `milepost-broker-${node}`, logger });
    const log = createLogWriter(kafka, { logger, registry, maxBufferedBytes: config.MQTT_MAX_PROCESS_BYTES + PRESENCE_ROOM_BYTES });
    const broker = await startBroker({ config, node, kafka, log, trust, registry, logger, fail });
    startingProcess.ready();
    return {
      ready: () => broker.notReady(),
      close: async () => {
        await broker.close();
        trust.close();
        await log.close({ timeoutMs: KAFKA_CLOSE_MS });
        // A Kafka that does not answer lets its clients wait: whoever stops does not.
        await within(kafka.close(), KAFKA_CLOSE_MS);
      },
    };
  },
});
