import type { BrokerSession } from '../../sessions/broker-session.js';

/** Messages of one client that need a record keep their order, and those behind them too. */
export async function inTurn<T>(session: BrokerSession | undefined, step: () => Promise<T>): Promise<T> {
  if (session === undefined) return step();
  const turn = (session.recording ?? Promise.resolve()).catch(() => undefined).then(step);
  session.recording = turn;
  try {
    return await turn;
  } finally {
    if (session.recording === turn) session.recording = undefined;
  }
}
