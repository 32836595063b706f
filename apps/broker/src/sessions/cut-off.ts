import type { BrokerSession } from './broker-session.js';

/** Most clients are back by then, and have written their claims themselves. */
const DUE_AFTER_MS = 60_000;
/** In one sweep: they may be very many. */
const MOST_AT_A_TIME = 500;

/**
 * Sessions that were connected when the process before this one died. Their claims do not say that they are away: each start would have
 * them away since then, and one whose client is gone for good would outlive them all. So they are claimed anew, those that are still away.
 */
export class CutOffSessions {
  private readonly sessions = new Set<BrokerSession>();
  private dueAtMs = 0;

  add(session: BrokerSession): void {
    this.sessions.add(session);
    this.dueAtMs = performance.now() + DUE_AFTER_MS;
  }

  /** Some of those that it is time for, each once. */
  take(nowMs: number): BrokerSession[] {
    if (this.sessions.size === 0 || nowMs < this.dueAtMs) return [];
    const taken: BrokerSession[] = [];
    for (const session of this.sessions) {
      if (taken.length === MOST_AT_A_TIME) break;
      taken.push(session);
      this.sessions.delete(session);
    }
    return taken;
  }
}
