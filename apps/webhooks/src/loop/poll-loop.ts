import { backoffMs, type Logger, sleep } from '@milepost/runtime';

export interface PollLoopOptions {
  /** Stands in logs and in what `/readyz` says. */
  name: string;
  intervalMs: number;
  logger: Logger;
  /** One look. Answer `again` when there may be more at once. An error is logged and tried again with back-off. */
  turn(signal: AbortSignal): Promise<'again' | 'idle'>;
}

export interface PollLoop {
  /** Look now: somebody knows of work. During a turn it means one more turn after it. */
  wake(): void;
  /** Resolves when the running turn is over. */
  stop(): Promise<void>;
  /** Why the loop does nothing at present; undefined while it turns. */
  problem(): string | undefined;
}

const backoff = { baseMs: 250, maxMs: 10_000 };
/** Full jitter may draw next to nothing: never turn in a tight circle of errors. */
const leastBackoffMs = 50;

/** Repeats `turn` until stopped, whatever happens in it. */
export function pollLoop({ name, intervalMs, logger, turn }: PollLoopOptions): PollLoop {
  const stopping = new AbortController();
  // Made anew for each turn. (AbortSignal.any on a signal that lives as long as the process would gather listeners.)
  let woken = new AbortController();
  let failures = 0;
  let problem: string | undefined = `${name} has not looked yet`;

  const run = async () => {
    while (!stopping.signal.aborted) {
      woken = new AbortController();
      const waitMs = await turn(stopping.signal).then(
        (more) => {
          if (failures > 0) logger.info({ event: 'loop.recovered', loop: name, failures }, `${name} works again`);
          failures = 0;
          problem = undefined;
          return more === 'again' ? 0 : intervalMs;
        },
        (err: unknown) => {
          if (stopping.signal.aborted) return 0;
          const retryInMs = leastBackoffMs + backoffMs(failures++, backoff);
          problem = `${name}: ${err instanceof Error ? err.message : String(err)}`;
          logger.error({ event: 'loop.failed', loop: name, failures, retryInMs, err }, `${name} failed and is tried again`);
          return retryInMs;
        },
      );
      if (waitMs > 0 && !stopping.signal.aborted) await sleep(waitMs, woken.signal);
    }
  };
  // Not at once: whoever makes the loop must have it before its first turn.
  const running = Promise.resolve().then(run);

  return {
    wake: () => {
      // Work that is there does not shorten the wait after a failure.
      if (failures === 0) woken.abort();
    },
    stop: () => {
      stopping.abort();
      woken.abort();
      return running;
    },
    problem: () => problem,
  };
}
