import { type Scope, scopes, topics } from '@milepost/contracts';
import { createApiKey, recordPartitions } from '@milepost/database';
import type { IssuedCertificate } from '@milepost/pki';
import {
  type AppName,
  choosePort,
  eventually,
  type TestApp,
  type TestDatabase,
  type TestPki,
  type TestScope,
  type TestTopics,
} from '@milepost/test-support';
import type { MqttClient } from 'mqtt';
import { connectVehicle, type VehicleOptions } from '../../integration/broker/vehicle.js';
import { ApiClient } from './api-client.js';

export type PipelineApp = Exclude<AppName, 'canary' | 'simulator'>;
type Environment = Record<string, string>;
export type VehicleIdentity = VehicleOptions & { certificate: IssuedCertificate };

export interface PipelineOptions {
  /** Those that the test needs; all of them unless said. */
  apps?: readonly PipelineApp[];
  /** On top of what every test gives them. */
  environment?: Partial<Record<PipelineApp, Environment>>;
  /** Another Kafka than the run's, see `startOwnKafka`. */
  kafkaBrokers?: readonly string[];
}

/** The apps as processes of their own, wired by environment variables as an installation is, with a certificate authority of their own. */
export interface Pipeline {
  database: TestDatabase;
  topics: TestTopics;
  pki: TestPki;
  mqttPort: number;
  apiUrl: string;
  /** With all scopes of organisation `default`. */
  api: ApiClient;
  apiOf(organisation: string, scopes?: readonly Scope[]): Promise<ApiClient>;
  /** The process that runs now. */
  app(name: PipelineApp): TestApp;
  /** Starts an app, again or one more of it, as it was wired. */
  launch(name: PipelineApp, environment?: Environment): Promise<TestApp>;
  /** What a client needs to be that vehicle: a certificate, issued once, and the way to the broker. */
  identity(vehicleId: string): Promise<VehicleIdentity>;
  /** A connected vehicle. */
  vehicle(vehicleId: string, options?: Partial<VehicleOptions>): Promise<MqttClient>;
  /** Until ingest has settled everything that is in the log. */
  settled(): Promise<void>;
}

const PARTITIONS = 3;
const allApps: readonly PipelineApp[] = ['broker', 'ingest', 'alerts', 'webhooks', 'api'];
const ingested = [topics.location, topics.diagnostics, topics.status];

export async function startPipeline(scope: TestScope, options: PipelineOptions = {}): Promise<Pipeline> {
  const { apps = allApps, environment: more = {}, kafkaBrokers } = options;
  const [database, kafka, pki, mqttPort, httpPort] = await Promise.all([
    scope.database(),
    scope.topics({ partitions: PARTITIONS, ...(kafkaBrokers && { brokers: kafkaBrokers }) }),
    scope.pki(),
    choosePort(),
    choosePort(),
  ]);
  await recordPartitions(database.owner, new Map(Object.values(topics).map((topic) => [topic, PARTITIONS])));

  const wired: Record<PipelineApp, Environment> = {
    broker: { ...kafka.environment, ...pki.environment, MQTT_HOST: '127.0.0.1', MQTT_TLS_PORT: String(mqttPort), NODE_ID: 'broker-1' },
    ingest: { ...kafka.environment, DATABASE_URL: database.urlFor('milepost_ingest'), INGEST_SESSION_TIMEOUT_MS: '6000' },
    alerts: { ...kafka.environment, DATABASE_URL: database.urlFor('milepost_alerts'), NODE_ID: 'alerts-1' },
    webhooks: { ...kafka.environment, DATABASE_URL: database.urlFor('milepost_webhooks'), WEBHOOK_ALLOW: '127.0.0.0/8' },
    api: {
      ...kafka.environment,
      ...{ DATABASE_URL: database.urlFor('milepost_api'), HTTP_PORT: String(httpPort), WEBHOOK_ALLOW: '127.0.0.0/8' },
      // A test machine that is busy with all the others is no reason to refuse.
      MAX_EVENT_LOOP_DELAY_MS: '0',
    },
  };
  const running = new Map<PipelineApp, TestApp>();
  const launch = async (name: PipelineApp, environment: Environment = {}) => {
    const app = await scope.app(name, { ...wired[name], ...more[name], ...environment });
    running.set(name, app);
    return app;
  };
  await Promise.all(apps.map((name) => launch(name)));

  const apiUrl = `http://127.0.0.1:${httpPort}`;
  const apiOf = async (organisation: string, keyScopes: readonly Scope[] = scopes) => {
    const { key } = await createApiKey(database.owner, { name: 'e2e', organisation, scopes: keyScopes });
    return new ApiClient(apiUrl, key);
  };
  const certificates = new Map<string, ReturnType<TestPki['issue']>>();
  const identity = async (vehicleId: string): Promise<VehicleIdentity> => {
    const issued = certificates.get(vehicleId) ?? pki.issue(vehicleId);
    certificates.set(vehicleId, issued);
    return { port: mqttPort, caPem: pki.caPem, certificate: await issued };
  };
  return {
    database,
    topics: kafka,
    pki,
    mqttPort,
    apiUrl,
    api: await apiOf('default'),
    apiOf,
    app: (name) => {
      const app = running.get(name);
      if (app === undefined) throw new Error(`${name} is not part of this test's pipeline`);
      return app;
    },
    launch,
    identity,
    vehicle: async (vehicleId, vehicleOptions = {}) => {
      const client = await connectVehicle({ ...(await identity(vehicleId)), ...vehicleOptions });
      scope.onEnd(() => client.end(true));
      return client;
    },
    settled: () => eventually(() => expectSettled(database, kafka), { timeoutMs: 40_000, everyMs: 100 }),
  };
}

/** @throws while a partition's stored position is not the log's end. */
async function expectSettled(database: TestDatabase, kafka: TestTopics): Promise<void> {
  const { rows } = await database.owner.query<{ topic: string; partition: number; next_offset: string }>(
    `select topic, partition, next_offset from kafka_offsets where consumer = 'ingest'`,
  );
  const stored = new Map(rows.map(({ topic, partition, next_offset }) => [`${topic}/${partition}`, next_offset]));
  const admin = await kafka.connection.admin();
  for (const topic of ingested) {
    for (const { partition, high } of await admin.fetchTopicOffsets(kafka.connection.physicalTopic(topic))) {
      const position = stored.get(`${topic}/${partition}`) ?? '0';
      if (position !== high) throw new Error(`${topic}/${partition} is stored up to ${position} of ${high}`);
    }
  }
}
