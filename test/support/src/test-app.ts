import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { choosePort } from '@milepost/backing-services';
import { eventually } from './eventually.js';
import { recordProcess } from './recorded-processes.js';
import { testServices } from './test-services.js';

export type AppName = 'broker' | 'ingest' | 'alerts' | 'webhooks' | 'api' | 'canary' | 'simulator';

export interface LogLine {
  level: string;
  event?: string;
  msg: string;
  [field: string]: unknown;
}

export interface StartAppOptions {
  /** False: return as soon as the process answers /healthz. */
  waitUntilReady?: boolean;
  timeoutMs?: number;
}

export interface TestApp {
  name: AppName;
  pid: number;
  statusUrl: string;
  /** What it logged so far; lines that are not JSON stand under `msg`. */
  logs: readonly LogLine[];
  ready(): Promise<boolean>;
  /** The value of a metric, summed over the label sets that match. */
  metric(name: string, labels?: Record<string, string>): Promise<number>;
  waitForLog(event: string, timeoutMs?: number): Promise<LogLine>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and an error when it does not end in time. Resolves with the exit code. */
  stop(options?: { timeoutMs?: number }): Promise<number | null>;
  kill9(): Promise<void>;
}

const READY_TIMEOUT_MS = 45_000;
const STOP_TIMEOUT_MS = 20_000;
const SHOWN_LINES = 15;

/** Starts an app as the stack does: a process of its own from its build, configured by environment variables alone. */
export async function startApp(
  name: AppName,
  environment: Record<string, string>,
  { waitUntilReady = true, timeoutMs = READY_TIMEOUT_MS }: StartAppOptions = {},
): Promise<TestApp> {
  const main = fileURLToPath(new URL(`../../../apps/${name}/dist/main.js`, import.meta.url));
  if (!existsSync(main)) throw new Error(`${main} does not exist: run npm run build first.`);
  const statusPort = environment.STATUS_PORT ?? String(await choosePort());
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, STATUS_PORT: statusPort, LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} could not be started`);
  recordProcess(testServices().runDir, pid);
  const logs = collectLogs(child);
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const statusUrl = `http://127.0.0.1:${statusPort}`;
  const answers = async (path: string) => (await fetch(`${statusUrl}${path}`).catch(() => undefined))?.ok === true;
  const lastWords = () =>
    logs
      .slice(-SHOWN_LINES)
      .map((line) => JSON.stringify(line))
      .join('\n');

  const app: TestApp = {
    name,
    pid,
    statusUrl,
    logs,
    ready: () => answers('/readyz'),
    metric: async (metric, labels = {}) => sumOf(await (await fetch(`${statusUrl}/metrics`)).text(), metric, labels),
    waitForLog: (event, logTimeoutMs = 10_000) =>
      eventually(
        () => {
          const line = logs.find((one) => one.event === event);
          if (line === undefined) throw new Error(`${name} has not logged ${event}. It said last:\n${lastWords()}`);
          return line;
        },
        { timeoutMs: logTimeoutMs },
      ),
    signal: (signal) => void child.kill(signal),
    stop: async ({ timeoutMs: stopTimeoutMs = STOP_TIMEOUT_MS } = {}) => {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      const code = await exited;
      clearTimeout(timer);
      if (child.signalCode === 'SIGKILL') throw new Error(`${name} did not end within ${stopTimeoutMs} ms. It said last:\n${lastWords()}`);
      return code;
    },
    kill9: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
  try {
    await eventually(
      async () => {
        if (hasEnded()) return;
        if (!(await answers(waitUntilReady ? '/readyz' : '/healthz'))) throw new Error('not yet');
      },
      { timeoutMs, everyMs: 100 },
    );
    if (hasEnded()) throw new Error(`${name} ended with exit code ${child.exitCode}`);
  } catch (cause) {
    await app.kill9();
    throw new Error(`${name} did not become ready within ${timeoutMs} ms. It said last:\n${lastWords()}`, { cause });
  }
  return app;
}

function collectLogs(child: ChildProcess): LogLine[] {
  const logs: LogLine[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (text) => logs.push(parsed(text)));
  }
  return logs;
}

function parsed(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { level: 'raw', msg: text };
  }
}

/** Prometheus text format: `name{label="value"} 3`. */
function sumOf(text: string, metric: string, labels: Record<string, string>): number {
  const wanted = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
