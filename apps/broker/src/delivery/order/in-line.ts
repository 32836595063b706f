import type { AppendOutcome } from '@milepost/kafka';
import { untilAnswered } from '../../log/until-answered.js';
import type { BrokerSession } from '../../sessions/broker-session.js';

/**
 * Writes what waits for room in the log as long as it takes. Nothing that its client sent behind it is written before it is stored, and then
 * all of that at once: it waits for `waitsForRoom` before it comes here.
 */
export async function inLine(session: BrokerSession | undefined, write: () => Promise<AppendOutcome>): Promise<AppendOutcome> {
  if (session === undefined) return untilAnswered(write);
  for (;;) {
    const outcome = await write();
    if (outcome.kind !== 'withheld') return outcome;
    if (session.waitsForRoom === undefined) break;
    // What was written together finds no room together: the first of it is heard of first, and the others wait for that one.
    while (session.waitsForRoom !== undefined) await session.waitsForRoom;
  }
  const stored = untilAnswered(write).finally(() => {
    session.waitsForRoom = undefined;
  });
  session.waitsForRoom = stored;
  return stored;
}
