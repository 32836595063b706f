import { type Logger, sleep } from '@milepost/runtime';

export interface PeriodicTask {
  stop(): Promise<void>;
}

/** Runs `work` now and then every `intervalMs`, never twice at once; a failure is logged and the next turn tries again. */
export function every(intervalMs: number, name: string, logger: Logger, work: () => Promise<unknown>): PeriodicTask {
  let isStopping = false;
  // Made anew for each turn. What AbortSignal.any leaves on a signal that lives as long as the process stays there (Node 20).
  let pause = new AbortController();
  const run = async () => {
    while (!isStopping) {
      pause = new AbortController();
      try {
        await work();
      } catch (err) {
        logger.warn({ event: `ingest.${name}.failed`, err }, `A turn of ${name} failed; the next one tries again`);
      }
      if (!isStopping) await sleep(intervalMs, pause.signal);
    }
  };
  const running = run();
  return {
    stop: async () => {
      isStopping = true;
      pause.abort();
      await running;
    },
  };
}
