import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { allocateWith, findJemalloc } from '@milepost/backing-services';
import { nodeFlagsOf } from '@milepost/runtime';
import { eventually } from '@milepost/test-support';

export type AppName = 'broker' | 'ingest' | 'alerts' | 'webhooks' | 'api';

export interface KeptAppOptions {
  name: AppName;
  /** Unlike that of any other process of the app. */
  label: string;
  environment: Record<string, string>;
  statusPort: number;
  logFile: string;
  /** The checkout whose build runs. */
  root: string;
  /** Where the broker's allocator is; not given: where this machine has it. */
  findAllocator?(): string | undefined;
  onStart(pid: number): void;
}

const RESTART_AFTER_MS = 300;
const READY_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 20_000;
const MAX_LAST_WORDS = 2_000;

/** An app as `npm start` runs one, with the same flags and allocator: a process that is started again whenever it ends, until it is told to stop. */
export class KeptApp {
  readonly name: AppName;
  readonly label: string;
  /** Of each end that nobody asked for, what the process said last before it. */
  readonly deaths: string[] = [];
  readonly #options: KeptAppOptions;
  #child: ChildProcess | undefined;
  #isWanted = false;
  #isExpected = false;

  constructor(options: KeptAppOptions) {
    this.#options = options;
    this.name = options.name;
    this.label = options.label;
  }

  /** Resolves when it says that it is ready. */
  async start(): Promise<void> {
    this.#isWanted = true;
    void this.#keep();
    await this.untilReady();
  }

  /** @throws when it is not ready in time. Of one that was told to stop nothing is expected. */
  async untilReady(timeoutMs = READY_TIMEOUT_MS): Promise<void> {
    await eventually(
      async () => {
        if (this.#isWanted && !(await this.isReady())) throw new Error(`${this.label} is not ready; its log is ${this.#options.logFile}`);
      },
      { timeoutMs, everyMs: 100 },
    );
  }

  async isReady(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.#options.statusPort}/readyz`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    return answer?.ok === true && this.#isRunning;
  }

  /** A signal to the process that runs. False: at the moment there is none. */
  signal(signal: NodeJS.Signals): boolean {
    if (!this.#isRunning || this.#child?.kill(signal) !== true) return false;
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.#isExpected = true;
    return true;
  }

  /** It stays down. SIGTERM, and SIGKILL when it does not end in time: then it says false. */
  async stop(): Promise<boolean> {
    this.#isWanted = false;
    const child = this.#child;
    if (child === undefined || !this.#isRunning) return true;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const inTime = await Promise.race([ended.then(() => true), delay(STOP_TIMEOUT_MS, false)]);
    if (!inTime) child.kill('SIGKILL');
    await ended;
    return inTime;
  }

  get #isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async #keep(): Promise<void> {
    while (this.#isWanted) {
      await this.#run();
      if (this.#isWanted && !this.#isExpected) this.deaths.push(lastWords(this.#options.logFile));
      this.#isExpected = false;
      await delay(RESTART_AFTER_MS);
    }
  }

  #run(): Promise<void> {
    const { name, root, environment, statusPort, logFile, findAllocator = findJemalloc, onStart } = this.#options;
    const main = fileURLToPath(new URL(`apps/${name}/dist/main.js`, `file://${root}/`));
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(process.execPath, ['--enable-source-maps', ...nodeFlagsOf(name), main], {
      env: {
        PATH: process.env.PATH,
        STATUS_HOST: '127.0.0.1',
        STATUS_PORT: String(statusPort),
        LOG_LEVEL: 'info',
        ...(name === 'broker' && allocatorAt(findAllocator())),
        ...environment,
      },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    if (child.pid !== undefined) onStart(child.pid);
    return new Promise((resolve) => child.once('exit', () => resolve()));
  }
}

function allocatorAt(library: string | undefined): Record<string, string> {
  return library === undefined ? {} : allocateWith(library);
}

/** The last fatal line of a log; the last line of all where there is none, as when the process was killed. */
function lastWords(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  return (lines.findLast((line) => line.includes('"level":"fatal"')) ?? lines.at(-1) ?? '').slice(0, MAX_LAST_WORDS);
}
