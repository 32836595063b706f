import { sleep } from './backoff.js';

/** Waits until the work is settled, well or not, but no longer than this. Leaves no timer behind. */
export async function within(work: Promise<unknown> | undefined, timeoutMs: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([Promise.resolve(work).catch(() => undefined), sleep(timeoutMs, over.signal)]);
  over.abort();
}

/**
 * Work with a signal that is aborted when the time is over, or the outer one is. It leaves nothing on the outer one, which may live as long as the
 * process; AbortSignal.any leaves something there each time (Node 20).
 */
export async function withinTime<T>(ms: number, outer: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const end = () => ending.abort(outer.reason);
  const timer = setTimeout(() => ending.abort(new Error(`it took longer than ${ms / 1_000} s`)), ms);
  outer.addEventListener('abort', end, { once: true });
  if (outer.aborted) end();
  try {
    return await work(ending.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', end);
  }
}
