import type { BrokerSession } from '../../sessions/broker-session.js';

/**
 * A record whose receivers do not fit beside it is written when their records are there: what its client sent behind it waits for that, and
 * does not get ahead of it.
 * @param isDivided of what has just begun to be written.
 */
export async function behindParts<T>(session: BrokerSession | undefined, isDivided: () => boolean, write: () => Promise<T>): Promise<T> {
  while (session?.dividing !== undefined) await session.dividing;
  const written = write();
  if (session === undefined || !isDivided()) return written;
  const dividing = written.finally(() => {
    session.dividing = undefined;
  });
  session.dividing = dividing;
  return dividing;
}
