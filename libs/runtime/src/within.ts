import { sleep } from './backoff.js';

/** Waits until the work is settled, well or not, but no longer than this. Leaves no timer behind. */
export async function within(work: Promise<unknown> | undefined, timeoutMs: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([Promise.resolve(work).catch(() => undefined), sleep(timeoutMs, over.signal)]);
  over.abort();
}
