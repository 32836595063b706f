import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@milepost/backing-services';
import { childrenOf } from '@milepost/test-support';

export interface PostgresServerOptions {
  /** Has the folder `postgres`. */
  folder: string;
  onProcess(pid: number): void;
}

const START_ATTEMPTS = 3;
const SETTINGS = { max_connections: '200', max_wal_size: '256MB', log_min_messages: 'warning' };

/** A Postgres that can be stopped, killed and frozen, and comes back with its data. */
export class PostgresServer {
  readonly #options: PostgresServerOptions;
  #running: EmbeddedPostgres | undefined;

  constructor(options: PostgresServerOptions) {
    this.#options = options;
  }

  get folder(): string {
    return join(this.#options.folder, 'postgres');
  }

  /** As the owner. */
  get url(): string {
    if (this.#running === undefined) throw new Error('Postgres was never started');
    return this.#running.url;
  }

  get isRunning(): boolean {
    return this.#running !== undefined && this.#running.process.ended === undefined;
  }

  /** Unless it runs. One that ends on its way, as one whose disk was full may, is started again. */
  async start(): Promise<void> {
    for (let attempt = 1; !this.isRunning; attempt += 1) {
      try {
        this.#running = await startEmbeddedPostgres({
          dir: this.folder,
          logFile: join(this.#options.folder, 'logs', 'postgres.log'),
          environment: process.env,
          settings: SETTINGS,
          onProcess: ({ pid }) => this.#options.onProcess(pid),
        });
      } catch (error) {
        if (attempt === START_ATTEMPTS) throw error;
      }
    }
  }

  /** Fast shutdown: open transactions are rolled back. */
  async stop(): Promise<void> {
    // One that is frozen would not hear of it.
    this.signal('SIGCONT');
    await this.#running?.stop();
  }

  /** To the postmaster and every process that it has started. */
  signal(signal: NodeJS.Signals): void {
    for (const pid of this.#pids()) {
      try {
        process.kill(pid, signal);
      } catch {
        // It ended between the look and the signal.
      }
    }
  }

  #pids(): number[] {
    if (!this.isRunning || this.#running === undefined) return [];
    const { pid } = this.#running.process;
    return [pid, ...childrenOf(pid)];
  }
}
