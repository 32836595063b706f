import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { type BackoffOptions, backoffMs, sleep } from '@milepost/runtime';
import { becomesReady } from './app-readiness.js';
import { lastLines } from './last-lines.js';

export interface SupervisedApp {
  name: string;
  /** Path of the script that Node runs. */
  script: string;
  /** Of Node, before the script. */
  nodeFlags?: readonly string[];
  environment: Record<string, string>;
  statusPort: number;
  /** Ends by itself when its work is done: exit code 0 is not a death. */
  once?: boolean;
}

export interface SupervisorEvents {
  started(app: SupervisedApp, pid: number): void;
  ended(app: SupervisedApp, pid: number): void;
  /** It died at each of its first starts, and the stack was never up: nothing mends that by itself, and it is not started again. */
  gaveUp(app: SupervisedApp, reason: Error): void;
  say(line: string): void;
}

export interface SupervisorOptions {
  events: SupervisorEvents;
  logFile(app: SupervisedApp): string;
  /** How long a dead app waits, by how often it has died; 0.5 to 30 s if not said. */
  restarts?: BackoffOptions;
  /** Resolves with true once an app is ready, with false when the signal came first; asks its status port if not said. */
  becomesReady?(app: SupervisedApp, signal: AbortSignal): Promise<boolean>;
}

const usualRestarts = { baseMs: 500, maxMs: 30_000 };
/** An app that ran this long starts anew with the shortest back-off. */
const healthyAfterMs = 60_000;
/** Deaths in a row of an app of a stack that was never up. Time enough, with the back-off, for what only takes a while. */
const hopelessDeaths = 5;
/** Of `runApp`, when the configuration is not usable: no later start mends that. */
const unusableConfiguration = 'exit code 2';
const stopTimeoutMs = 15_000;
const shownLogLines = 5;

/** Starts apps as processes of their own, starts again what dies, and stops them in the order it is told. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #running = new Map<string, { child: ChildProcess; exited: Promise<void> }>();
  readonly #stopped = new Set<string>();
  readonly #abort = new AbortController();
  #wasUp = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  start(app: SupervisedApp): void {
    void this.#keepRunning(app);
  }

  /** All work together: whatever dies from now on can live, and is started again however often it dies. */
  markUp(): void {
    this.#wasUp = true;
  }

  /** SIGTERM to all of these at once; SIGKILL to those that take too long. */
  async stop(names: string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#stop(name)));
  }

  /** From now on nothing is started again. */
  giveUpRestarts(): void {
    this.#abort.abort();
  }

  async #stop(name: string): Promise<void> {
    this.#stopped.add(name);
    const running = this.#running.get(name);
    if (running === undefined) return;
    running.child.kill('SIGTERM');
    const kill = setTimeout(() => {
      this.#options.events.say(`${name} did not stop within ${stopTimeoutMs / 1000} s and was killed`);
      running.child.kill('SIGKILL');
    }, stopTimeoutMs);
    await running.exited;
    clearTimeout(kill);
  }

  async #keepRunning(app: SupervisedApp): Promise<void> {
    const { events, restarts = usualRestarts } = this.#options;
    const untilReady = this.#options.becomesReady ?? (({ statusPort }, signal) => becomesReady(statusPort, signal));
    let downSinceMs: number | undefined;
    for (let deaths = 0; !this.#abort.signal.aborted && !this.#stopped.has(app.name); ) {
      const startedAt = performance.now();
      const life = new AbortController();
      this.#abort.signal.addEventListener('abort', () => life.abort(), { once: true, signal: life.signal });
      if (downSinceMs !== undefined) {
        const sinceMs = downSinceMs;
        void untilReady(app, life.signal).then((ready) => {
          if (!ready) return;
          downSinceMs = undefined;
          events.say(`${app.name} is ready again, ${((performance.now() - sinceMs) / 1000).toFixed(1)} s after it died`);
        });
      }
      const outcome = await this.#run(app);
      life.abort();
      if (this.#abort.signal.aborted || this.#stopped.has(app.name)) return;
      if (app.once && outcome === 'exit code 0') return events.say(`${app.name} is done`);
      downSinceMs ??= performance.now();
      deaths = performance.now() - startedAt > healthyAfterMs ? 1 : deaths + 1;
      const lastWords = lastWordsIn(this.#options.logFile(app));
      if (!this.#wasUp && (deaths >= hopelessDeaths || outcome === unusableConfiguration)) {
        const when = deaths === 1 ? 'at its start' : `at each of its ${deaths} starts`;
        return events.gaveUp(app, new Error(`${app.name} died ${when} (${outcome}). ${lastWords}`));
      }
      const delayMs = Math.round(restarts.baseMs / 2 + backoffMs(deaths, restarts));
      events.say(`${app.name} died (${outcome}); it is started again in ${(delayMs / 1000).toFixed(1)} s. ${lastWords}`);
      await sleep(delayMs, this.#abort.signal);
    }
  }

  /** Its output goes to a file of its own, so that it outlives a stack that was killed; its process group too, so that Ctrl-C is the stack's to handle. */
  #run(app: SupervisedApp): Promise<string> {
    return new Promise((resolve) => {
      let child: ChildProcess;
      try {
        child = this.#spawn(app);
      } catch (error) {
        return resolve(`could not be started: ${messageOf(error)}`);
      }
      const exited = new Promise<void>((done) => {
        child.once('error', (error) => {
          resolve(`could not be started: ${error.message}`);
          done();
        });
        child.once('exit', (code, signal) => {
          this.#running.delete(app.name);
          const { pid } = child;
          if (pid !== undefined) this.#tell(() => this.#options.events.ended(app, pid));
          resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
          done();
        });
      });
      this.#running.set(app.name, { child, exited });
      const { pid } = child;
      if (pid !== undefined) this.#tell(() => this.#options.events.started(app, pid));
    });
  }

  /** @throws what Node does not tell as an event: a log that cannot be opened, no memory for another process. */
  #spawn(app: SupervisedApp): ChildProcess {
    const log = openSync(this.#options.logFile(app), 'a', 0o600);
    try {
      return spawn(process.execPath, ['--enable-source-maps', ...(app.nodeFlags ?? []), app.script], {
        env: { ...process.env, ...app.environment },
        stdio: ['ignore', log, log],
        detached: true,
      });
    } finally {
      closeSync(log);
    }
  }

  /** Who listens writes files for the next start and for other programs. That they cannot be written, on a full disk, must not end what runs. */
  #tell(event: () => void): void {
    try {
      event();
    } catch (error) {
      this.#options.events.say(`What runs could not be written down: ${messageOf(error)}`);
    }
  }
}

function lastWordsIn(log: string): string {
  const lines = lastLines(log, shownLogLines);
  if (lines.length === 0) return `It left no words in ${log}.`;
  return `Its last words, from ${log}:\n${lines.map((line) => `    ${line}`).join('\n')}`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
