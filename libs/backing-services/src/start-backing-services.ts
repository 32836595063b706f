import { join, resolve } from 'node:path';
import { postgresVersionFault } from '@milepost/database';
import { BackingServiceError } from './backing-service-error.js';
import { startEmbeddedKafka } from './embedded-kafka.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { findJava } from './java-tools.js';
import { kafkaAnswers } from './kafka-answers.js';
import { postgresAnswers } from './postgres-answers.js';
import { postgresBinaries } from './postgres-binaries.js';
import type { ServiceProcess } from './service-process.js';

export interface BackingServicesOptions {
  /** Holds `kafka/`, `postgres/` and `logs/`. */
  dataDir: string;
  /** KAFKA_*, DATABASE_URL, JAVA_HOME, XDG_CACHE_HOME, PATH are looked at. */
  environment: NodeJS.ProcessEnv;
  /** Told which way was taken and why, a sentence at a time. */
  log: (line: string) => void;
  /** Called as soon as a process exists, before it answers: record its pid and `processStartTime`. */
  onProcess?: (process: { name: string; pid: number }) => void;
  kafka?: { heapMb?: number; profile?: 'light' | 'throughput' };
  postgres?: { settings?: Record<string, string> };
}

export interface BackingServices {
  kafka: { kind: 'given' | 'embedded'; brokers: string[] };
  /** `url` is the owner's. */
  postgres: { kind: 'given' | 'embedded'; url: string };
  /** What was started here; empty when both were given. */
  processes: { name: string; pid: number }[];
  /** Stops what was started here, in order and within 20 s; given services are left alone. */
  stop(): Promise<void>;
}

interface Service<T> {
  value: T;
  process?: ServiceProcess;
  stop(): Promise<void>;
}

type Asked = Pick<BackingServicesOptions, 'environment' | 'log'>;

/** Those that the environment names; undefined where one of our own is to be started. */
export type NamedServices = readonly [
  kafka: Service<BackingServices['kafka']> | undefined,
  postgres: Service<BackingServices['postgres']> | undefined,
];

/**
 * Whether the services that the environment names answer and can be used, and whether those of our own could be started on this machine.
 * Starts and writes nothing: for who must know it before something is deleted.
 * @throws BackingServiceError
 */
export async function askBackingServices(options: Asked): Promise<NamedServices> {
  const named = await bothOrNone(askKafka(options), askPostgres(options));
  const [kafka, postgres] = named;
  if (kafka === undefined) findJava(options.environment);
  if (postgres === undefined) await postgresBinaries();
  return named;
}

/**
 * Uses the Kafka and the Postgres that the environment names, or starts them: DESIGN, "Backing services".
 * A service that is named and does not answer is an error, never a reason to start another; nothing is started before that is known.
 * @param named what `askBackingServices` has answered, where it was asked before.
 * @throws BackingServiceError
 */
export async function startBackingServices(options: BackingServicesOptions, named?: NamedServices): Promise<BackingServices> {
  const [namedKafka, namedPostgres] = named ?? (await askBackingServices(options));
  const [kafka, postgres] = await bothOrNone(namedKafka ?? startKafka(options), namedPostgres ?? startPostgres(options));
  const services: Service<unknown>[] = [kafka, postgres];
  return {
    kafka: kafka.value,
    postgres: postgres.value,
    processes: services.flatMap(({ process }) => (process ? [{ name: process.name, pid: process.pid }] : [])),
    stop: async () => void (await Promise.all(services.map((service) => service.stop()))),
  };
}

/** Of two that come at the same time; when one fails the other is stopped. */
async function bothOrNone<A extends Service<unknown> | undefined, B extends Service<unknown> | undefined>(
  first: A | Promise<A>,
  second: B | Promise<B>,
): Promise<[A, B]> {
  const results = await Promise.allSettled([first, second]);
  const [one, other] = results;
  if (one.status === 'fulfilled' && other.status === 'fulfilled') return [one.value, other.value];
  for (const result of results) if (result.status === 'fulfilled') await result.value?.stop();
  throw one.status === 'rejected' ? one.reason : (other as PromiseRejectedResult).reason;
}

async function askKafka({ environment, log }: Asked): Promise<Service<BackingServices['kafka']> | undefined> {
  const given = environment.KAFKA_BROKERS?.trim();
  if (!given) return undefined;
  await kafkaAnswers(environment).catch((cause: unknown) => {
    throw new BackingServiceError(
      'kafka_unreachable',
      `KAFKA_BROKERS is set to ${given}, and no Kafka answers there: ${messageOf(cause)}. Start it, mend the KAFKA_ settings, or unset KAFKA_BROKERS to have one started.`,
      { cause },
    );
  });
  log(`Kafka: using ${given}, because KAFKA_BROKERS is set`);
  return { value: { kind: 'given', brokers: given.split(',').map((broker) => broker.trim()) }, stop: async () => undefined };
}

async function startKafka({
  dataDir,
  environment,
  log,
  onProcess,
  kafka = {},
}: BackingServicesOptions): Promise<Service<BackingServices['kafka']>> {
  const dir = resolve(dataDir, 'kafka');
  log(`Kafka: starting one of our own on ${dir}, because KAFKA_BROKERS is not set`);
  const embedded = await startEmbeddedKafka({
    dir,
    logFile: join(resolve(dataDir), 'logs', 'kafka.log'),
    environment,
    log,
    ...kafka,
    ...(onProcess && { onProcess }),
  });
  log(`Kafka: answers on ${embedded.brokers.join(', ')}`);
  embedded.process.onEndedByItself((how) => log(endedByItself('Kafka', 'nothing is acknowledged', how, embedded.process)));
  return { value: { kind: 'embedded', brokers: embedded.brokers }, process: embedded.process, stop: embedded.stop };
}

async function askPostgres({ environment, log }: Asked): Promise<Service<BackingServices['postgres']> | undefined> {
  const given = environment.DATABASE_URL?.trim();
  if (!given) return undefined;
  const version = await postgresAnswers(given).catch((cause: unknown) => {
    throw new BackingServiceError(
      'postgres_unreachable',
      `DATABASE_URL is set (${withoutPassword(given)}), and no Postgres answers there: ${messageOf(cause)}. Start it, mend DATABASE_URL, or unset it to have one started.`,
      { cause },
    );
  });
  const fault = postgresVersionFault(version);
  if (fault !== undefined) {
    throw new BackingServiceError(
      'postgres_too_old',
      `DATABASE_URL is set (${withoutPassword(given)}), and that Postgres cannot be used: ${fault}. Upgrade it (pg_upgrade), name another, or unset DATABASE_URL to have one started.`,
    );
  }
  log(`Postgres ${version}: using ${withoutPassword(given)}, because DATABASE_URL is set`);
  return { value: { kind: 'given', url: given }, stop: async () => undefined };
}

async function startPostgres({
  dataDir,
  environment,
  log,
  onProcess,
  postgres = {},
}: BackingServicesOptions): Promise<Service<BackingServices['postgres']>> {
  const dir = resolve(dataDir, 'postgres');
  log(`Postgres: starting one of our own on ${dir}, because DATABASE_URL is not set`);
  const embedded = await startEmbeddedPostgres({
    dir,
    logFile: join(resolve(dataDir), 'logs', 'postgres.log'),
    environment,
    ...postgres,
    ...(onProcess && { onProcess }),
  });
  log(`Postgres: answers on ${withoutPassword(embedded.url)}`);
  embedded.process.onEndedByItself((how) =>
    log(endedByItself('Postgres', 'nothing is stored, and no query answered', how, embedded.process)),
  );
  return { value: { kind: 'embedded', url: embedded.url }, process: embedded.process, stop: embedded.stop };
}

/** Nobody starts it again: what it was killed by (memory, a full disk) would do it once more. */
function endedByItself(name: string, without: string, how: string, process: ServiceProcess): string {
  return `${name} has ended (${how}); without it ${without}. Stop everything and start again: its data are kept. It said last:\n${process.lastLines()}`;
}

function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:@/]*):[^@]*@/, '$1:***@').replace(/([?&]password=)[^&#]*/g, '$1***');
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error);
}
