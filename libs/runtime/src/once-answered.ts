import { backoffMs, sleep } from './backoff.js';
import type { Logger } from './logger.js';

const BACKOFF = { baseMs: 100, maxMs: 5_000 };
/** A client may try for long before it says that nobody is there. */
const SAID_AFTER_MS = 2_000;
/** Between two lines that say that it still waits. */
const SAID_EVERY_MS = 30_000;

export interface Awaited {
  /** Who is asked, as its users call it: `Kafka`, `Postgres`. */
  whom: string;
  /** Whether another attempt may mend this error; every other one is thrown as it is. */
  isTemporary(error: unknown): boolean;
  /** The wait is over with it, also in the middle of a question. */
  signal: AbortSignal;
  logger: Logger;
}

/** Nobody waits for the answer any more. */
export class WaitEnded extends Error {
  constructor(whom: string) {
    super(`The process stops before ${whom} has answered`);
    this.name = 'WaitEnded';
  }
}

/**
 * Asks until there is an answer, with back-off up to 5 s: a restart of the process would change nothing. Says that it waits after the first failure or
 * 2 s, then every 30 s for how long, and when that is over. @throws WaitEnded after the signal, and what no other attempt mends.
 */
export async function onceAnswered<T>(ask: () => Promise<T>, awaited: Awaited): Promise<T> {
  const { whom, isTemporary, signal, logger } = awaited;
  const beganMs = performance.now();
  const waitedMs = () => Math.round(performance.now() - beganMs);
  let isSaid = false;
  let err: unknown;
  const say = () => {
    isSaid = true;
    logger.warn({ event: 'app.waiting', whom, waitedMs: waitedMs(), err }, `${whom} does not answer; trying again until it does`);
    clearTimeout(timer);
    timer = setTimeout(say, SAID_EVERY_MS);
  };
  let timer = setTimeout(say, SAID_AFTER_MS);
  try {
    for (let attempt = 0; ; attempt += 1) {
      if (signal.aborted) throw new WaitEnded(whom);
      try {
        const answer = await unlessOver(ask(), awaited);
        if (isSaid) logger.info({ event: 'app.wait.over', whom, waitedMs: waitedMs() }, `${whom} answers`);
        return answer;
      } catch (error) {
        if (error instanceof WaitEnded || !isTemporary(error)) throw error;
        err = error;
        if (!isSaid) say();
      }
      await sleep(backoffMs(attempt, BACKOFF), signal);
    }
  } finally {
    clearTimeout(timer);
  }
}

function unlessOver<T>(answer: Promise<T>, { whom, signal }: Awaited): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(new WaitEnded(whom));
    signal.addEventListener('abort', end, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
