import { accessSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type StackFile, StackFileSchema } from '@milepost/contracts';
import { createPool, type Pool, type PoolOptions } from '@milepost/database';
import { connectKafka, type KafkaConfig, type KafkaConnection, kafkaEnv, requireBrokerAddresses } from '@milepost/kafka';
import { createLogger, type Logger, parseConfig } from '@milepost/runtime';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { CliError } from '../cli-error.js';
import { ApiClient } from './api-client.js';
import { reachKafka } from './reach-kafka.js';
import { reachPostgres } from './reach-postgres.js';

const workspace = fileURLToPath(new URL('../../../..', import.meta.url));
const kafkaSchema = Type.Object(kafkaEnv);

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** `unreadable` also where it cannot be seen whether there is a stack.json. */
export type StackRead = { kind: 'none' } | { kind: 'runs'; stack: StackFile } | { kind: 'unreadable'; detail: string; mend: string };

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where this command's Kafka, Postgres and certificates are: what the environment names (DATABASE_URL, KAFKA_BROKERS) before what the
 * running stack of MILEPOST_DATA_DIR has written into its stack.json.
 */
export class Installation {
  readonly #environment: Environment;
  readonly dataFolder: string;

  constructor(environment: Environment, workingFolder: string) {
    this.#environment = environment;
    this.dataFolder = dataFolderOf(environment, workingFolder);
  }

  get pkiFolder(): string {
    return join(this.dataFolder, 'pki');
  }

  /** The broker's users file. */
  get usersFile(): string {
    return this.#environment.MQTT_USERS_FILE || join(this.dataFolder, 'access', 'users');
  }

  get #stackFile(): string {
    return join(this.dataFolder, 'stack.json');
  }

  /** Whether a stack may run here: false where it is known that there is no stack.json. */
  get stackRuns(): boolean {
    try {
      accessSync(this.#stackFile);
      return true;
    } catch (error) {
      return !isAbsent(error);
    }
  }

  /** What stack.json says of the stack, if one runs. */
  readStack(): StackRead {
    const file = this.#stackFile;
    const unreadable = (detail: string, mend = 'Restart the stack; it writes it anew.'): StackRead => ({
      kind: 'unreadable',
      detail,
      mend,
    });
    let content: unknown;
    try {
      content = JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      if (isAbsent(error)) return { kind: 'none' };
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) return unreadable(`${file} cannot be read (${error instanceof Error ? error.message : error})`);
      return unreadable(
        `${file} cannot be read by this user (${code}), so it is not known whether a stack runs there`,
        'Ask as the user who started it, or name another folder in MILEPOST_DATA_DIR.',
      );
    }
    if (!Value.Check(StackFileSchema, content)) return unreadable(`${file} is not of this version of milepost`);
    return { kind: 'runs', stack: content };
  }

  /** @throws CliError when stack.json is there and unreadable, or it cannot be seen whether it is. */
  stack(): StackFile | undefined {
    const read = this.readStack();
    if (read.kind === 'unreadable') throw new CliError(`${read.detail}. ${read.mend}`);
    return read.kind === 'runs' ? read.stack : undefined;
  }

  /** @throws CliError when none runs, or its stack.json is unreadable. */
  runningStack(): StackFile {
    const stack = this.stack();
    if (stack !== undefined) return stack;
    throw new CliError(
      `No stack runs with ${this.dataFolder} (there is no stack.json). Start one with \`npm start\`, or name its folder in MILEPOST_DATA_DIR.`,
    );
  }

  /** Whether it is known where Postgres is: whether `databaseUrl` has an answer. */
  get namesPostgres(): boolean {
    return Boolean(this.#environment.DATABASE_URL) || this.readStack().kind === 'runs';
  }

  /** Whether it is known where Kafka is: whether `kafkaConfig` has an answer. */
  get namesKafka(): boolean {
    return Boolean(this.#environment.KAFKA_BROKERS) || this.readStack().kind === 'runs';
  }

  /** Connection string of the database's owner. @throws CliError when nothing names one. */
  databaseUrl(): string {
    const url = this.#environment.DATABASE_URL || this.stack()?.databaseUrl;
    if (!url) throw this.#nothingRuns('Postgres', 'DATABASE_URL');
    return url;
  }

  /** @throws CliError when nothing names one, ConfigError when what is named is no address. */
  kafkaConfig(): KafkaConfig {
    const brokers = this.#environment.KAFKA_BROKERS || this.stack()?.kafkaBrokers;
    if (!brokers) throw this.#nothingRuns('Kafka', 'KAFKA_BROKERS');
    const config = parseConfig(kafkaSchema, { ...this.#environment, KAFKA_BROKERS: brokers });
    requireBrokerAddresses(config);
    return config;
  }

  /** MILEPOST_API_URL before what the running stack says. */
  apiUrl(): string {
    const url = this.#environment.MILEPOST_API_URL || this.stack()?.apiUrl;
    if (url === undefined || url === '') throw this.#nothingRuns('the API', 'MILEPOST_API_URL and MILEPOST_API_KEY');
    return url;
  }

  /** The API with MILEPOST_API_KEY, or the running stack's own key when its API is meant. */
  api(): ApiClient {
    const url = this.apiUrl();
    // What fetch says of it or of the key would be taken for an API that does not answer, and it shows the key.
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new CliError(`MILEPOST_API_URL: "${url}" is no address of an API. Give one like http://localhost:8080.`);
    const named = Boolean(this.#environment.MILEPOST_API_URL);
    const key = this.#environment.MILEPOST_API_KEY || (named ? undefined : this.stack()?.apiKey);
    if (key === undefined || key === '')
      throw new CliError(
        `Set MILEPOST_API_KEY to a key of the API (npx milepost keys create): read to look, alerts:write or webhooks:write to change something.${
          named ? ' The key in stack.json is not sent to what MILEPOST_API_URL names.' : ''
        }`,
      );
    if (!/^[\x21-\x7e]+$/.test(key))
      throw new CliError(
        'MILEPOST_API_KEY holds characters that are in no key. Set it to the whole of what `npx milepost keys create` printed.',
      );
    return new ApiClient(url, key);
  }

  /** From it the passwords of the apps' database roles come: DATABASE_ROLE_SECRET, or the stack's own secret. @throws CliError when its file is damaged. */
  roleSecret(): string | undefined {
    const own = this.#environment.DATABASE_ROLE_SECRET;
    if (own !== undefined && own !== '') return own;
    const file = join(this.dataFolder, 'secrets.json');
    if (!existsSync(file)) return undefined;
    const text = readFileSync(file, 'utf8');
    let secrets: { roleSecret?: unknown } | null;
    try {
      secrets = JSON.parse(text);
    } catch (cause) {
      // The parser's words quote what stands there.
      throw new CliError(`${file} is damaged: it is not JSON. Set DATABASE_ROLE_SECRET, or start anew with \`npm start -- --fresh\`.`, 1, {
        cause,
      });
    }
    return typeof secrets?.roleSecret === 'string' ? secrets.roleSecret : undefined;
  }

  /** @throws CliError when Postgres lets nobody in. */
  withOwner<T>(work: (owner: Pool) => Promise<T>): Promise<T> {
    return this.#withPool({}, work);
  }

  /** For what only reads, and may read for a while: nothing can be written through it. @throws CliError when Postgres lets nobody in. */
  withReader<T>(work: (reader: Pool) => Promise<T>): Promise<T> {
    return this.#withPool({ statementTimeoutMs: 300_000, readOnly: true }, work);
  }

  async #withPool<T>(options: Partial<PoolOptions>, work: (pool: Pool) => Promise<T>): Promise<T> {
    const url = this.databaseUrl();
    const source = this.#environment.DATABASE_URL ? 'DATABASE_URL' : this.#stackFile;
    const pool = createPool({ url, app: 'cli', size: 2, logger: this.logger(), ...options });
    try {
      await reachPostgres(pool, url, source);
      return await work(pool);
    } finally {
      await pool.end();
    }
  }

  /** That Postgres lets somebody in. @throws CliError that names it where it does not. */
  requirePostgres(): Promise<void> {
    return this.withOwner(async () => undefined);
  }

  /** @throws CliError when Kafka does not answer. */
  async withKafka<T>(work: (connection: KafkaConnection) => Promise<T>): Promise<T> {
    const config = this.kafkaConfig();
    await reachKafka(config, this.#environment.KAFKA_BROKERS ? 'KAFKA_BROKERS' : this.#stackFile);
    const connection = connectKafka(config, { clientId: 'milepost-cli', logger: this.logger() });
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  }

  /** Libraries' logs go nowhere unless asked for: a command speaks for itself. */
  logger(): Logger {
    const level = this.#environment.LOG_LEVEL || 'silent';
    if (!logLevels.includes(level)) throw new CliError(`LOG_LEVEL: "${level}" must be one of ${logLevels.join(', ')}.`);
    return createLogger({ app: 'cli', level, destination: process.stderr });
  }

  #nothingRuns(service: string, variable: string): CliError {
    return new CliError(
      `No stack runs with ${this.dataFolder} (there is no stack.json), so it is not known where ${service} is. ` +
        `Start one with \`npm start\`, name its folder in MILEPOST_DATA_DIR, or set ${variable}.`,
    );
  }
}

const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

function dataFolderOf(environment: Environment, workingFolder: string): string {
  if (environment.MILEPOST_DATA_DIR) return resolve(workingFolder, environment.MILEPOST_DATA_DIR);
  const here = resolve(workingFolder, '.milepost');
  return existsSync(here) ? here : resolve(workspace, '.milepost');
}
