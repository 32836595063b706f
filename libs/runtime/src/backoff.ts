export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
  /** In [0, 1); `Math.random` unless a test needs to know. */
  random?: () => number;
}

/** Exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015): uniform in [0, min(max, base · 2^attempt)). */
export function backoffMs(attempt: number, { baseMs, maxMs, random = Math.random }: BackoffOptions): number {
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 52));
}

/** Node's timers run out at once when they are longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Resolves after the time (24.8 days at most), or at once when the signal is aborted: the caller looks at the signal. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, LONGEST_TIMER_MS));
    signal?.addEventListener('abort', done, { once: true });
  });
}
