import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { choosePort } from '@milepost/backing-services';
import { Kafka, logLevel } from 'kafkajs';
import { Pool } from 'pg';
import { openArena, partitions } from './arena.js';
import { KeptProcess } from './kept-process.js';
import type { Side } from './side.js';

const topic = 'locations';
const createTable = `
  create table positions (
    vehicle_id text not null, recorded_at timestamptz not null, sequence bigint not null,
    latitude double precision, longitude double precision, speed_kph double precision, heading_deg double precision,
    altitude_m double precision, attributes jsonb, received_at timestamptz not null default now(),
    primary key (vehicle_id, recorded_at, sequence)
  )`;

/**
 * The simplest honest bridge: mosquitto, a subscriber with QoS 1 and a kept session that hands to Kafka (acks all) what it gets, every
 * 5 ms, and a consumer that commits by itself and inserts a batch at a time, dropping repeats by a key.
 */
export async function openBridgeSide(): Promise<Side> {
  const arena = await openArena();
  const { folder, kafka, postgres } = arena;
  const pool = new Pool({ connectionString: postgres.url, max: 1 });
  await pool.query(createTable);
  await pool.end();
  const client = new Kafka({ clientId: 'bench', brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }] });
  await admin.disconnect();

  const [mqttPort, plainPort] = [await choosePort(), await choosePort()];
  const readiness = new Map<string, number>();
  const script = async (name: 'bridge' | 'sink', environment: Record<string, string>) => {
    const statusPort = await choosePort();
    readiness.set(name, statusPort);
    return new KeptProcess({
      name,
      command: process.execPath,
      args: [fileURLToPath(new URL(`./${name}-main.js`, import.meta.url))],
      environment: {
        PATH: process.env.PATH,
        KAFKA_BROKERS: kafka.brokers.join(','),
        TOPIC: topic,
        STATUS_PORT: String(statusPort),
        ...environment,
      },
      logFile: join(folder, 'logs', `${name}.log`),
      isReady: () => accepts(statusPort),
    });
  };
  const programs = [
    mosquitto({ arena, mqttPort, plainPort }),
    await script('bridge', { MQTT_URL: `mqtt://127.0.0.1:${plainPort}` }),
    await script('sink', { DATABASE_URL: postgres.url }),
  ];
  for (const one of programs) await one.start();
  return {
    name: 'mosquitto and a bridge',
    description: "Debian's mosquitto, a subscriber with QoS 1 (mqtt.js) that writes to Kafka (kafkajs), a consumer that inserts",
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
    newestSequence: 'select max(sequence)::int as sequence from positions where vehicle_id = $1 and recorded_at >= $2',
    storedMessages: 'select count(*)::int as rows from positions where starts_with(vehicle_id, $1)',
    stop: async () => {
      for (const one of [...programs].reverse()) await one.stop();
      await arena.stop();
    },
  };
}

interface MosquittoOptions {
  arena: Awaited<ReturnType<typeof openArena>>;
  mqttPort: number;
  plainPort: number;
}

/** As Debian delivers it (persistence on), with the vehicles' door, one for the bridge, and no bound on what waits for the bridge. */
function mosquitto({ arena: { folder, tls }, mqttPort, plainPort }: MosquittoOptions): KeptProcess {
  const data = join(folder, 'mosquitto');
  mkdirSync(data);
  const config = join(data, 'mosquitto.conf');
  writeFileSync(
    config,
    [
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      'persistence true',
      `persistence_location ${data}/`,
      'log_type error',
      'allow_anonymous true',
      'set_tcp_nodelay true',
      'max_queued_messages 0',
      `listener ${plainPort} 127.0.0.1`,
      `listener ${mqttPort} 127.0.0.1`,
      `cafile ${tls.caFile}`,
      `certfile ${tls.certificateFile}`,
      `keyfile ${tls.keyFile}`,
      'require_certificate true',
      '',
    ].join('\n'),
  );
  return new KeptProcess({
    name: 'mosquitto',
    command: 'mosquitto',
    args: ['-c', config],
    // Debian puts it where only root's PATH leads.
    environment: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` },
    logFile: join(folder, 'logs', 'mosquitto.log'),
    isReady: () => accepts(mqttPort),
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.end();
  });
}
