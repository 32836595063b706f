import { type Logger, sleep } from '@milepost/runtime';

export interface PeriodicTask {
  /** Runs it now, or once more if it is running. */
  wake(): void;
  stop(): Promise<void>;
}

/** Runs `work` now and then every `intervalMs`, never twice at once; a failure is logged and the next turn tries again. */
export function every(intervalMs: number, name: string, logger: Logger, work: () => Promise<unknown>): PeriodicTask {
  const stopping = new AbortController();
  let pause = new AbortController();
  const run = async () => {
    while (!stopping.signal.aborted) {
      pause = new AbortController();
      try {
        await work();
      } catch (err) {
        logger.warn({ event: `ingest.${name}.failed`, err }, `A turn of ${name} failed; the next one tries again`);
      }
      await sleep(intervalMs, AbortSignal.any([stopping.signal, pause.signal]));
    }
  };
  const running = run();
  return {
    wake: () => pause.abort(),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
