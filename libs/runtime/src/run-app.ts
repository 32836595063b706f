import closeWithGrace from 'close-with-grace';
import type { Static, TObject, TProperties } from 'typebox';
import { ConfigError, describeConfig, parseConfig } from './config.js';
import { keepObjectsYoung } from './garbage-collection.js';
import { createLogger, type Logger, logsWritten } from './logger.js';
import { createMetrics, type Registry } from './metrics.js';
import { createStatusServer, type ReadinessCheck, type StatusServer } from './status-server.js';
import { within } from './within.js';

/** What a start that is under way may take to give up, so that what it opened is closed too. */
const START_PATIENCE_MS = 2_000;
/** What the last lines of the log may take: their reader may be slow. */
const LOG_PATIENCE_MS = 1_000;

export interface AppContext<C> {
  config: C;
  logger: Logger;
  registry: Registry;
  /** Ends the app with exit code 1 after an orderly close: for what cannot be mended from inside. */
  fail(error: Error): void;
  /** Ends the app with exit code 0 after an orderly close: for apps whose work comes to an end. */
  finish(): void;
  /** Aborted as soon as the app is to close, also while it still starts: who waits for a service then waits no longer. */
  stopping: AbortSignal;
}

export interface RunningApp {
  ready: ReadinessCheck;
  /** Drains and closes; called once, with at most `closeTimeoutMs`. */
  close(): Promise<void>;
}

/** `config` must spread `commonEnv`. */
export interface AppDefinition<P extends TProperties> {
  name: string;
  description: string;
  config: TObject<P>;
  start(context: AppContext<Static<TObject<P>>>): Promise<RunningApp>;
  closeTimeoutMs?: number;
}

interface Common {
  LOG_LEVEL: string;
  STATUS_HOST: string;
  STATUS_PORT: number;
}

/** The life of a process: configuration, logger, status server, start, signals, close. Exit code 0 after a signal, 1 after a failure, 2 for wrong configuration. */
export async function runApp<P extends TProperties>({
  name,
  description,
  config: schema,
  start,
  closeTimeoutMs = 15_000,
}: AppDefinition<P>): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(help(name, description, schema));
    return;
  }
  const config = parsedOrExit(name, schema);
  keepObjectsYoung();
  const common = config as unknown as Common;
  const logger = createLogger({ app: name, level: common.LOG_LEVEL });
  const registry = createMetrics(name);
  let running: RunningApp | undefined;
  let failure: Error | undefined;
  let closing = false;
  let starting: Promise<RunningApp> | undefined;
  let status: StatusServer | undefined;
  const stopping = new AbortController();

  const endings = {
    delay: closeTimeoutMs,
    logger: false as const,
    onTimeout: () => logger.fatal({ event: 'app.close.timeout', closeTimeoutMs }, `${name} did not close in time, and ends as it is`),
    onSecondSignal: (signal: string) =>
      logger.fatal({ event: 'app.close.cut', signal }, `${name} was told again to stop, and ends as it is`),
    onSecondError: (err: unknown) => logger.fatal({ event: 'app.close.failed', err }, `${name} failed while it closed, and ends as it is`),
  };
  const grace = closeWithGrace(endings, async ({ signal, err }) => {
    closing = true;
    const cause = err ?? failure;
    if (cause) logger.fatal({ event: 'app.failed', err: cause }, `${name} stops because of an error it cannot mend`);
    else logger.info({ event: 'app.stopping', signal }, `${name} drains and stops`);
    stopping.abort();
    await within(starting, START_PATIENCE_MS);
    try {
      await running?.close();
    } catch (failed) {
      // close-with-grace ends the process itself: with 0, unless this throws; what it catches it does not tell.
      endings.onSecondError(failed);
      throw failed;
    }
    await status?.close();
    logger.info({ event: 'app.stopped' }, `${name} has stopped`);
    await within(logsWritten(), LOG_PATIENCE_MS);
    if (cause) throw cause;
  });

  // A signal, a failure and an end may come together: the app is closed once.
  const close = () => {
    if (!closing) grace.close();
  };
  const fail = (error: Error) => {
    failure ??= error;
    close();
  };
  const begin = async () => {
    const { STATUS_HOST: host, STATUS_PORT: port } = common;
    status = await createStatusServer({ host, port, registry, logger, ready: () => running?.ready() ?? ['starting'] });
    return start({ config, logger, registry, fail, finish: close, stopping: stopping.signal });
  };
  try {
    starting = begin();
    running = await starting;
    logger.info({ event: 'app.started' }, `${name} has started`);
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)));
  }
}

function parsedOrExit<P extends TProperties>(name: string, schema: TObject<P>) {
  try {
    return parseConfig(schema, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${name}: ${error.message}\nRun with --help for the whole list.\n`);
    process.exit(2);
  }
}

function help(name: string, description: string, schema: TObject): string {
  const rows = describeConfig(schema).map(
    (v) =>
      `  ${v.variable} (${v.type}${v.default === '' ? '' : `, ${v.default === 'required' ? 'required' : `default ${v.default}`}`})\n      ${v.description}\n`,
  );
  return `${name}: ${description}\n\nConfigured by environment variables:\n\n${rows.join('')}`;
}
