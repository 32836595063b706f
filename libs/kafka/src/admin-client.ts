import { sleep } from '@milepost/runtime';
import type { Admin, Kafka } from 'kafkajs';

const RETRY = { retries: 3, initialRetryTime: 200, maxRetryTime: 2_000 };

/** One admin client for a connection, connected when first asked for, and made anew after one that did not answer. */
export class AdminClient {
  readonly #kafka: Kafka;
  readonly #timeoutMs: number;
  #admin: Promise<Admin> | undefined;

  constructor(kafka: Kafka, timeoutMs: number) {
    this.#kafka = kafka;
    this.#timeoutMs = timeoutMs;
  }

  get(): Promise<Admin> {
    this.#admin ??= this.#connect();
    return this.#admin;
  }

  /**
   * One that does not answer in time may never answer again (kafkajs #907, #1167): it is given up, and the next question goes through another.
   * @throws what the client throws, or Error when the time is over.
   */
  async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const asked = this.get();
    const over = new AbortController();
    let isLate = false;
    const late = sleep(this.#timeoutMs, over.signal).then(() => {
      isLate = !over.signal.aborted;
    });
    try {
      const answer = asked.then(question);
      // Nobody hears of a failure that comes too late.
      answer.catch(() => undefined);
      await Promise.race([answer, late]);
      if (!isLate) return await answer;
    } finally {
      over.abort();
    }
    if (this.#admin === asked) this.#admin = undefined;
    void disconnect(asked);
    throw new Error(`Kafka's admin client did not answer within ${this.#timeoutMs} ms; the next question goes through another`);
  }

  async close(): Promise<void> {
    const open = this.#admin;
    this.#admin = undefined;
    await disconnect(open);
  }

  async #connect(): Promise<Admin> {
    try {
      const admin = this.#kafka.admin({ retry: RETRY });
      await admin.connect();
      return admin;
    } catch (error) {
      this.#admin = undefined;
      throw error;
    }
  }
}

async function disconnect(admin: Promise<Admin> | undefined): Promise<void> {
  await admin?.then((client) => client.disconnect()).catch(() => undefined);
}
