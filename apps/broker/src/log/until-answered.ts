import type { AppendOutcome } from '@milepost/kafka';
import { backoffMs, sleep } from '@milepost/runtime';

const RETRY = { baseMs: 250, maxMs: 5_000 };

/**
 * Writes again and again as long as the log has no room: for what must not be left out, and is right however much later it comes.
 * @param write undefined: there is nothing to be written any more.
 * @returns `stored`, or `refused` if the log will never take it; undefined: likewise. Stays open when the log is closed before.
 */
export function untilAnswered(write: () => Promise<AppendOutcome>): Promise<AppendOutcome>;
export function untilAnswered(write: () => Promise<AppendOutcome | undefined> | undefined): Promise<AppendOutcome | undefined>;
export async function untilAnswered(write: () => Promise<AppendOutcome | undefined> | undefined): Promise<AppendOutcome | undefined> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await write();
    if (outcome?.kind !== 'withheld') return outcome;
    if (outcome.code === 'closed') return new Promise(() => undefined);
    await sleep(backoffMs(attempt, RETRY));
  }
}
