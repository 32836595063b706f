import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

export interface KeptProcessOptions {
  name: string;
  command: string;
  args: readonly string[];
  environment: NodeJS.ProcessEnv;
  logFile: string;
  /** Whether it does its work. */
  isReady(): Promise<boolean>;
}

const restartAfterMs = 1_000;
const readyTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;

/** A program as a service manager keeps it: started again a second after it ends, until it is told to stop. */
export class KeptProcess {
  readonly name: string;
  readonly #options: KeptProcessOptions;
  #child: ChildProcess | undefined;
  #isWanted = true;

  constructor(options: KeptProcessOptions) {
    this.#options = options;
    this.name = options.name;
  }

  /** Resolves when it is ready. @throws when it is not in time, or cannot be started at all. */
  async start(): Promise<void> {
    this.#launch();
    await this.untilReady();
  }

  async untilReady(): Promise<void> {
    const deadline = performance.now() + readyTimeoutMs;
    while (!(await this.#options.isReady())) {
      if (performance.now() > deadline) throw new Error(`${this.name} was not ready within a minute; its log is ${this.#options.logFile}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Ends without a word, and comes back. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#isWanted = false;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const insist = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await exited;
    clearTimeout(insist);
  }

  #launch(): void {
    const { command, args, environment, logFile } = this.#options;
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(command, args, { env: environment, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    // A command that is not there says so by an event, without which the process would end.
    child.once('error', () => undefined);
    child.once('exit', () => {
      setTimeout(() => this.#isWanted && this.#launch(), restartAfterMs).unref();
    });
  }
}
