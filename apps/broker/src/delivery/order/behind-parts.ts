import type { BrokerSession } from '../../sessions/broker-session.js';

export interface Writing<T> {
  /** It is written again when its turn has come: it is ahead of all that is in its way by now, and everybody waits for it. */
  readonly isAgain: boolean;
  write(): Promise<T>;
  /** Asked when it has just begun to be written. */
  isDivided(): boolean;
}

/**
 * A record whose receivers do not fit beside it is written when their records are there, and one that there is no room for when there is
 * some: what its client sent behind it waits for that, and does not get ahead of it.
 */
export async function behindParts<T>(session: BrokerSession | undefined, { isAgain, write, isDivided }: Writing<T>): Promise<T> {
  if (session !== undefined && !isAgain && (session.heldBack ?? inTheWayOf(session)) !== undefined) {
    const turn = untilClear(session, session.heldBack);
    session.heldBack = turn;
    await turn;
    if (session.heldBack === turn) session.heldBack = undefined;
  }
  const written = write();
  if (session === undefined || !isDivided()) return written;
  const dividing: Promise<unknown> = Promise.allSettled([session.dividing, written]).finally(() => {
    if (session.dividing === dividing) session.dividing = undefined;
  });
  session.dividing = dividing;
  return written;
}

/** @param ahead what waits already: something else may be in the way by now, and is waited for by both. */
async function untilClear(session: BrokerSession, ahead: Promise<unknown> | undefined): Promise<void> {
  await ahead;
  for (let before = inTheWayOf(session); before !== undefined; before = inTheWayOf(session)) await before;
}

function inTheWayOf({ dividing, waitsForRoom }: BrokerSession): Promise<unknown> | undefined {
  return dividing ?? waitsForRoom;
}
