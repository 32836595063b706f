import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { choosePort } from '@milepost/backing-services';
import { topics } from '@milepost/contracts';
import { migrate, recordPartitions, rolePasswords, setRolePasswords, urlForRole } from '@milepost/database';
import { connectKafka, provisionTopics } from '@milepost/kafka';
import { createLogger, FEW_FULL_COLLECTIONS } from '@milepost/runtime';
import { Pool } from 'pg';
import { newestLocation } from '../row-probe.js';
import { openArena, partitions } from './arena.js';
import { KeptProcess } from './kept-process.js';
import type { Side } from './side.js';

const root = fileURLToPath(new URL('../../../../../../..', import.meta.url));
const logger = createLogger({ app: 'bench', level: 'error' });

/** Broker and ingest. Alerts, webhooks and API are left out: the other side has nothing of the kind. */
export async function openMilepostSide(): Promise<Side> {
  const arena = await openArena();
  const { folder, kafka, postgres, tls } = arena;
  const passwords = rolePasswords('compare');
  await migrate(postgres.url, logger);
  await setRolePasswords(postgres.url, passwords);
  const owner = new Pool({ connectionString: postgres.url, max: 1 });
  await recordPartitions(owner, new Map(Object.values(topics).map((topic) => [topic, partitions])));
  await owner.end();
  const connection = connectKafka(
    { KAFKA_BROKERS: kafka.brokers, KAFKA_SSL: false, KAFKA_PARTITIONS: partitions },
    { clientId: 'milepost-bench', logger },
  );
  await provisionTopics(connection, { partitions, logger });
  await connection.close();

  const mqttPort = await choosePort();
  const shared = {
    PATH: process.env.PATH,
    LOG_LEVEL: 'warn',
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_PARTITIONS: String(partitions),
  };
  const program = async (name: 'broker' | 'ingest', environment: Record<string, string>) => {
    const statusPort = await choosePort();
    return new KeptProcess({
      name,
      command: process.execPath,
      args: [FEW_FULL_COLLECTIONS, join(root, `apps/${name}/dist/main.js`)],
      environment: { ...shared, ...environment, STATUS_HOST: '127.0.0.1', STATUS_PORT: String(statusPort) },
      logFile: join(folder, 'logs', `${name}.log`),
      isReady: async () => (await fetch(`http://127.0.0.1:${statusPort}/readyz`).catch(() => undefined))?.ok === true,
    });
  };
  const programs = [
    await program('broker', {
      MQTT_HOST: '127.0.0.1',
      MQTT_TLS_PORT: String(mqttPort),
      MQTT_TLS_CERT_FILE: tls.certificateFile,
      MQTT_TLS_KEY_FILE: tls.keyFile,
      MQTT_TRUSTED_CAS_FILE: tls.trustFile,
      NODE_ID: 'broker-1',
    }),
    await program('ingest', { DATABASE_URL: urlForRole(postgres.url, 'milepost_ingest', passwords) }),
  ];
  await Promise.all(programs.map((one) => one.start()));
  return {
    name: 'milepost',
    description: 'its broker, and one ingest process',
    mqttPort,
    caPem: arena.caPem,
    databaseUrl: postgres.url,
    programs,
    services: arena.services,
    credentials: arena.credentials,
    loseKafka: async (forMs) => {
      await kafka.kill(kafka.nodeIds);
      await delay(forMs);
      await kafka.start(kafka.nodeIds);
    },
    newestSequence: newestLocation,
    storedMessages: `select count(distinct (l.vehicle, l.sequence))::int as rows from locations l join vehicles v on v.id = l.vehicle
                      where starts_with(v.vehicle_id, $1)`,
    stop: async () => {
      await Promise.all(programs.map((one) => one.stop()));
      await arena.stop();
    },
  };
}
