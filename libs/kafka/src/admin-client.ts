import { sleep } from '@milepost/runtime';
import type { Admin, Kafka } from 'kafkajs';

/** kafkajs's admin client keeps the leaders that it has learnt for five minutes, and gives up when one is none any more. */
const STALE_LEADERS: ReadonlySet<unknown> = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'REPLICA_NOT_AVAILABLE']);
const STALE_RETRIES = 8;
const STALE_WAIT_MS = 250;

const RETRY = { retries: 3, initialRetryTime: 200, maxRetryTime: 2_000 };

/** One admin client for a connection, connected when first asked for, and made anew after one that did not answer. */
export class AdminClient {
  readonly #kafka: Kafka;
  readonly #timeoutMs: number;
  #admin: Promise<Admin> | undefined;
  #isClosed = false;

  constructor(kafka: Kafka, timeoutMs: number) {
    this.#kafka = kafka;
    this.#timeoutMs = timeoutMs;
  }

  /** Rejects once it was closed: nobody would close another client. */
  get(): Promise<Admin> {
    if (this.#isClosed) return Promise.reject(new Error("Kafka's admin client is closed; what is asked of it now is not sent"));
    if (this.#admin !== undefined) return this.#admin;
    const opened = this.#connect();
    this.#admin = opened;
    // Not the one that took its place meanwhile: nobody would close that.
    opened.catch(() => {
      if (this.#admin === opened) this.#admin = undefined;
    });
    return opened;
  }

  /**
   * One that does not answer in time may never answer again (kafkajs #907, #1167): it is given up, and the next question goes through another.
   * So is one whose question failed without an answer of Kafka's: it may have lost the node it began with for good ("Broker not connected").
   * So is one that asks a node that leads a partition no more, and the question is asked again.
   * @throws what the client throws, or Error when the time is over.
   */
  async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    for (let retries = 0; ; retries++) {
      const asked = this.get();
      try {
        return await this.#askOnce(asked, question);
      } catch (error) {
        const answer = (error as { type?: unknown }).type;
        const isStale = STALE_LEADERS.has(answer);
        if (isStale || answer === undefined) this.#giveUp(asked);
        if (!isStale || retries === STALE_RETRIES) throw error;
        await sleep(STALE_WAIT_MS);
      }
    }
  }

  async #askOnce<T>(asked: Promise<Admin>, question: (admin: Admin) => Promise<T>): Promise<T> {
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
    this.#giveUp(asked);
    throw new Error(`Kafka's admin client did not answer within ${this.#timeoutMs} ms; the next question goes through another`);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const open = this.#admin;
    this.#admin = undefined;
    await disconnect(open);
  }

  #giveUp(asked: Promise<Admin>): void {
    if (this.#admin === asked) this.#admin = undefined;
    void disconnect(asked);
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin({ retry: RETRY });
    await admin.connect();
    return admin;
  }
}

async function disconnect(admin: Promise<Admin> | undefined): Promise<void> {
  await admin?.then((client) => client.disconnect()).catch(() => undefined);
}
