import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Scope, scopes, topics } from '@milepost/contracts';
import { type AppRole, createApiKey, migrate, recordPartitions, rolePasswords, setRolePasswords, urlForRole } from '@milepost/database';
import { connectKafka, type KafkaConfig, type KafkaConnection, provisionTopics } from '@milepost/kafka';
import { type Authority, createAuthority, issueCertificates, issueServerCertificate } from '@milepost/pki';
import { createLogger } from '@milepost/runtime';
import { choosePort, claimRunDir, endRecordedProcesses, RUN_DIR_PREFIX, recordProcess, removeAbandonedRuns } from '@milepost/test-support';
import { Pool } from 'pg';
import type { VehicleIdentity } from '../ledger/vehicle-identity.js';
import { PARTITIONS } from '../size.js';
import { KafkaCluster } from './kafka-cluster.js';
import { type AppName, KeptApp } from './kept-app.js';
import { LimitedDisk } from './limited-disk.js';
import { PostgresServer } from './postgres-server.js';
import { TcpProxy } from './tcp-proxy.js';

export interface SystemOptions {
  kafkaNodes: number;
  /** Of the data of Postgres, and of each Kafka node; on the machine's own disk unless given. */
  diskMb?: { postgres: number; kafka: number };
  /** The checkout whose build runs. */
  root: string;
  graceMs: number;
  nodeGraceMs: number;
}

const CONSUMERS = 2;
const SESSION_TIMEOUT_MS = '6000';
const logger = createLogger({ app: 'chaos', level: 'error' });

/** Everything that is put to the test: the apps as an installation wires them, two of each consumer, on services of their own. */
export class System {
  readonly folder: string;
  readonly postgres: PostgresServer;
  readonly disks = new Map<'postgres' | 'kafka', LimitedDisk[]>();
  kafka!: KafkaCluster;
  proxy!: TcpProxy;
  database!: Pool;
  caPem!: string;
  apiUrl!: string;
  apiKey!: string;
  readonly #options: SystemOptions;
  readonly #apps: KeptApp[] = [];
  readonly #retired: KeptApp[] = [];
  readonly #environments = new Map<AppName, Record<string, string>>();
  #authority!: Authority;
  #connection!: KafkaConnection;
  #launched = 0;

  private constructor(options: SystemOptions) {
    this.#options = options;
    this.folder = mkdtempSync(join(tmpdir(), RUN_DIR_PREFIX));
    claimRunDir(this.folder);
    // As root, Postgres runs as another user and must get in.
    chmodSync(this.folder, 0o755);
    mkdirSync(join(this.folder, 'logs'));
    this.postgres = new PostgresServer({ folder: this.folder, onProcess: (pid) => this.record(pid) });
  }

  /** Has its folder, and what runs that died have left is gone; nothing runs before `start`. */
  static prepare(options: SystemOptions): System {
    removeAbandonedRuns();
    return new System(options);
  }

  /** Is ended with the rest, whatever becomes of whoever started it. */
  record(pid: number): void {
    recordProcess(this.folder, pid);
  }

  /** The processes of an app that are wanted, in the order of their start. */
  apps(name: AppName): readonly KeptApp[] {
    return this.#apps.filter((app) => app.name === name);
  }

  /** One more process of an app. */
  async launch(name: AppName): Promise<KeptApp> {
    this.#launched += 1;
    const label = `${name}-${this.#launched}`;
    const environment = { ...this.#environments.get(name), ...(name === 'alerts' && { NODE_ID: label }) };
    const app = new KeptApp({
      ...{ name, label, environment },
      statusPort: await choosePort(),
      logFile: join(this.folder, 'logs', `${label}.log`),
      root: this.#options.root,
      onStart: (pid) => this.record(pid),
    });
    this.#apps.push(app);
    await app.start();
    return app;
  }

  /** It ends in order and is not started again. False: it had to be killed. */
  async retire(app: KeptApp): Promise<boolean> {
    this.#apps.splice(this.#apps.indexOf(app), 1);
    this.#retired.push(app);
    return app.stop();
  }

  async untilReady(): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.untilReady()));
  }

  /** Ends of apps that nobody asked for. */
  get deaths(): { label: string; deaths: string[] }[] {
    return [...this.#apps, ...this.#retired].filter(({ deaths }) => deaths.length > 0).map(({ label, deaths }) => ({ label, deaths }));
  }

  async identities(vehicleIds: readonly string[], organisation = 'default'): Promise<VehicleIdentity[]> {
    const issued = await issueCertificates(
      this.#authority,
      vehicleIds.map((vehicleId) => ({ vehicleId, organisation })),
    );
    return issued.map(({ vehicleId, certificatePem, privateKeyPem }) => ({ vehicleId, certificatePem, privateKeyPem }));
  }

  /** Vehicles that are known before they are seen. */
  async register(vehicles: readonly (readonly [vehicleId: string, registration: 'pending' | 'refused'])[]): Promise<void> {
    for (const [vehicleId, registration] of vehicles) {
      await this.database.query(
        `insert into vehicles (vehicle_id, organisation_id, registration) select $1, id, $2 from organisations where name = 'default'`,
        [vehicleId, registration],
      );
    }
  }

  /** A record that the broker did not write, without headers. */
  async append(topic: string, key: string | null, value: string): Promise<void> {
    const producer = this.#connection.kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    try {
      await producer.send({ topic: this.#connection.physicalTopic(topic), acks: -1, messages: [{ key, value, partition: 0 }] });
    } finally {
      await producer.disconnect();
    }
  }

  /** Where ingest stands in each partition of a topic, and where the log ends. */
  async positions(topic: string): Promise<{ partition: number; stored: bigint; end: bigint }[]> {
    const admin = await this.#connection.admin();
    const ends = await admin.fetchTopicOffsets(this.#connection.physicalTopic(topic));
    const stored = await this.storedPositions(topic);
    return ends.map(({ partition, high }) => ({ partition, stored: stored.get(partition) ?? 0n, end: BigInt(high) }));
  }

  async storedPositions(topic: string): Promise<Map<number, bigint>> {
    const { rows } = await this.database.query<{ partition: number; next_offset: string }>(
      `select partition, next_offset from kafka_offsets where consumer = 'ingest' and topic = $1`,
      [topic],
    );
    return new Map(rows.map(({ partition, next_offset }) => [partition, BigInt(next_offset)]));
  }

  /** Whatever state it is in. */
  async stop({ keep = false } = {}): Promise<void> {
    for (const app of this.#apps.splice(0).reverse()) await app.stop();
    this.proxy?.close();
    await this.database?.end().catch(() => undefined);
    await this.#connection?.close().catch(() => undefined);
    await this.kafka?.stop(this.kafka.nodeIds);
    await this.postgres.stop();
    this.end({ keep });
  }

  /** At once and without a word, whatever state it is in. */
  end({ keep }: { keep: boolean }): void {
    endRecordedProcesses(this.folder);
    if (keep) {
      // A folder with an owner who is gone would be cleared away by the next run.
      rmSync(join(this.folder, 'owner.json'), { force: true });
      return;
    }
    for (const disks of this.disks.values()) for (const disk of disks) disk.unmount();
    // What was killed a moment ago may still write.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Resolves when all is up. */
  async start(): Promise<void> {
    const { kafkaNodes, diskMb } = this.#options;
    if (diskMb) {
      const kafkaFolders = Array.from({ length: kafkaNodes }, (_, n) => join(this.folder, `kafka-${n + 1}`));
      this.disks.set(
        'kafka',
        kafkaFolders.map((folder) => new LimitedDisk(folder, diskMb.kafka)),
      );
      this.disks.set('postgres', [new LimitedDisk(this.postgres.folder, diskMb.postgres)]);
    }
    const onProcess = (pid: number) => this.record(pid);
    const [kafka] = await Promise.all([KafkaCluster.start({ folder: this.folder, nodes: kafkaNodes, onProcess }), this.postgres.start()]);
    this.kafka = kafka;
    await this.#prepareDatabase();
    await this.#prepareKafka();
    const environments = await this.#wire();
    for (const [name, environment] of Object.entries(environments)) this.#environments.set(name as AppName, environment);
    await Promise.all([
      ...(['broker', 'webhooks', 'api'] as const).map((name) => this.launch(name)),
      ...Array.from({ length: CONSUMERS }, () => [this.launch('ingest'), this.launch('alerts')]).flat(),
    ]);
  }

  async #prepareDatabase(): Promise<void> {
    const { url } = this.postgres;
    await migrate(url, logger);
    await setRolePasswords(url, rolePasswords('chaos'));
    this.database = new Pool({
      connectionString: url,
      max: 6,
      application_name: 'milepost-chaos',
      connectionTimeoutMillis: 3_000,
      query_timeout: 10_000,
    });
    this.database.on('error', () => undefined);
    await recordPartitions(this.database, new Map(Object.values(topics).map((topic) => [topic, PARTITIONS])));
    await this.database.query(`
      create table rewinds as select topic, partition, next_offset as before, next_offset as after from kafka_offsets limit 0;
      create function note_rewind() returns trigger language plpgsql security definer as $$
        begin insert into rewinds values (old.topic, old.partition, old.next_offset, new.next_offset); return null; end $$;
      create trigger note_rewind after update on kafka_offsets
        for each row when (new.next_offset < old.next_offset) execute function note_rewind();
    `);
  }

  async #prepareKafka(): Promise<void> {
    const config: KafkaConfig = { KAFKA_BROKERS: this.kafka.brokers, KAFKA_SSL: false, KAFKA_PARTITIONS: PARTITIONS };
    this.#connection = connectKafka(config, { clientId: 'milepost-chaos', logger: createLogger({ app: 'chaos', level: 'silent' }) });
    await provisionTopics(this.#connection, { partitions: PARTITIONS, logger });
  }

  async #wire(): Promise<Record<AppName, Record<string, string>>> {
    const folder = join(this.folder, 'pki');
    this.#authority = await createAuthority(folder, {});
    const server = await issueServerCertificate(this.#authority);
    this.caPem = this.#authority.certificatePem;
    const [mqttPort, httpPort] = [await choosePort(), await choosePort()];
    this.proxy = await TcpProxy.listen(mqttPort);
    this.apiUrl = `http://127.0.0.1:${httpPort}`;
    const { key } = await createApiKey(this.database, { name: 'chaos', organisation: 'default', scopes: [...scopes] as Scope[] });
    this.apiKey = key;

    const kafka = { KAFKA_BROKERS: this.kafka.brokers.join(','), KAFKA_PARTITIONS: String(PARTITIONS) };
    const passwords = rolePasswords('chaos');
    const database = (role: AppRole) => ({ DATABASE_URL: urlForRole(this.postgres.url, role, passwords) });
    const { graceMs, nodeGraceMs } = this.#options;
    return {
      broker: {
        ...kafka,
        MQTT_HOST: '127.0.0.1',
        MQTT_TLS_PORT: String(mqttPort),
        MQTT_TLS_CERT_FILE: server.certificateFile,
        MQTT_TLS_KEY_FILE: server.keyFile,
        MQTT_TRUSTED_CAS_FILE: this.#authority.files.trust,
        NODE_ID: 'broker-1',
        // Its vehicles are less patient than real ones, and must be heard again soon after each fault.
        MQTT_MAX_CONNECTS_PER_CLIENT_PER_MINUTE: '0',
      },
      ingest: { ...kafka, ...database('milepost_ingest'), INGEST_SESSION_TIMEOUT_MS: SESSION_TIMEOUT_MS },
      alerts: {
        ...kafka,
        ...database('milepost_alerts'),
        ALERTS_SESSION_TIMEOUT_MS: SESSION_TIMEOUT_MS,
        OFFLINE_GRACE_MS: String(graceMs),
        NODE_GRACE_MS: String(nodeGraceMs),
        // None may hide in an incident.
        STORM_MIN_VEHICLES: '100000',
      },
      webhooks: { ...kafka, ...database('milepost_webhooks'), WEBHOOK_ALLOW: '127.0.0.0/8' },
      api: { ...kafka, ...database('milepost_api'), HTTP_PORT: String(httpPort), WEBHOOK_ALLOW: '127.0.0.0/8' },
    };
  }
}
