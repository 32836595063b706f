import type { PolicySettings } from '@milepost/contracts';
import { readPolicyChanges, sql } from '@milepost/database';
import { PolicyBook, type PolicyChange } from '@milepost/presence';
import type { Logger } from '@milepost/runtime';
import type { Pool } from 'pg';

const recordBasePolicy = sql('alerts/policies/record-base-policy');

const LOOK_EVERY_MS = 1_000;

export interface PolicyFeedOptions {
  pool: Pool;
  /** Of the configuration. Of processes that are configured differently the one that started last counts, for all. */
  base: PolicySettings;
  logger: Logger;
  /** Hears of each version that is known. */
  onVersion?(version: number): void;
}

/** The policies as they are, a second later at most. */
export class PolicyFeed {
  readonly #options: PolicyFeedOptions;
  #book = PolicyBook.empty;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: PolicyFeedOptions) {
    this.#options = options;
  }

  get book(): PolicyBook {
    return this.#book;
  }

  /** Resolves when all changes so far are known. */
  async start(): Promise<void> {
    const { pool, base } = this.#options;
    await pool.query({ ...recordBasePolicy, values: [JSON.stringify(base)] });
    await this.look();
    this.#timer = setInterval(() => this.#lookAgain(), LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Reads what is new. */
  async look(): Promise<void> {
    this.#book = this.#book.with(await readPolicyChanges<PolicyChange>(this.#options.pool, this.#book.version));
    this.#options.onVersion?.(this.#book.version);
  }

  #lookAgain(): void {
    this.#looking ??= this.look()
      .catch((err: unknown) => {
        this.#options.logger.warn({ event: 'alerts.policies.not-read', err }, 'Policies were not read; the last known ones hold');
      })
      .finally(() => {
        this.#looking = undefined;
      });
  }
}
