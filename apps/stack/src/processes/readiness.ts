import type { Readiness } from '@milepost/contracts';
import { sleep } from '@milepost/runtime';

export interface ReadinessOptions {
  apiUrl: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Resolves when the API says that every part is ready.
 * @throws Error naming the parts that are not, when the time is over.
 */
export async function untilReady({ apiUrl, timeoutMs, signal }: ReadinessOptions): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (let missing = 'the API does not answer yet'; !signal.aborted; await sleep(200, signal)) {
    try {
      const response = await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(5_000) });
      const { parts } = (await response.json()) as Readiness;
      if (response.ok) return;
      missing = parts
        .filter((part) => !part.ready)
        .map((part) => `${part.name} (${part.reason ?? 'no reason given'})`)
        .join(', ');
    } catch {
      // The API is on its way up.
    }
    if (performance.now() > deadline)
      throw new Error(`Not everything is up after ${timeoutMs / 1000} s: ${missing}. The logs are in the data folder.`);
  }
}
