import { sleep, withinTime } from '@milepost/runtime';

const pollMs = 250;
const answerMs = 5_000;

/** Asks the app itself until it says that it is ready. @returns false when the signal came first: then it is not known. */
export async function becomesReady(statusPort: number, signal: AbortSignal): Promise<boolean> {
  for (; !signal.aborted; await sleep(pollMs, signal)) {
    try {
      const { ok } = await withinTime(answerMs, signal, async (ending) => {
        const response = await fetch(`http://127.0.0.1:${statusPort}/readyz`, { signal: ending });
        await response.body?.cancel();
        return response;
      });
      if (ok) return !signal.aborted;
    } catch {
      // It is on its way up, or has died again: who gave the signal knows.
    }
  }
  return false;
}
