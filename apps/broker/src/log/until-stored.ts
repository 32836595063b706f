import type { AppendOutcome } from '@milepost/kafka';
import { backoffMs, sleep } from '@milepost/runtime';

const RETRY = { baseMs: 250, maxMs: 5_000 };

/**
 * Writes a record again and again until the log has it: for what must not be left out, and is right however much later it comes. Stays open
 * when the log is closed before.
 */
export async function untilStored(write: () => Promise<AppendOutcome>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await write();
    if (outcome.kind === 'stored') return;
    if (outcome.kind === 'withheld' && outcome.code === 'closed') return NEVER;
    await sleep(backoffMs(attempt, RETRY));
  }
}

const NEVER = new Promise<never>(() => undefined);
