/** A time in which a process of the run did not get to what was there for it. */
export interface Stall {
  from: number;
  to: number;
}

const TICK_MS = 100;
/** A tick that is later than this is a stall. */
const LEAST_STALL_MS = 250;
/** What came during a stall is seen to in the turn behind it, and that is shorter than this, or it is a stall itself. */
const CATCHING_UP_MS = TICK_MS + LEAST_STALL_MS;
/** What comes waits for the end of the turn that is at work, and for its place in the next: in the network's process and in the ledger's. */
const TURNS = 4;

/** Tells every stall of this process once it is over. Returns what ends the watch. */
export function watchStalls(onStall: (stall: Stall) => void): () => void {
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    // Measured by a clock that nobody sets, and told in the one that all else is noted in.
    const tookMs = Math.ceil(now - last);
    last = now;
    const to = Date.now();
    if (tookMs > TICK_MS + LEAST_STALL_MS) onStall({ from: to - tookMs, to });
  }, TICK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** When that which was noted at this moment may have happened at the earliest; `stalls` are in the order in which they began. */
export function earliest(notedAt: number, stalls: readonly Stall[]): number {
  let at = notedAt;
  for (let turn = 0; turn < TURNS; turn += 1) at = stalls.find(({ from, to }) => from < at && at <= to + CATCHING_UP_MS)?.from ?? at;
  return at;
}

/** What they cover together, of all processes. */
export function coveredMs(stalls: readonly Stall[]): number {
  let until = 0;
  return stalls.reduce((sum, { from, to }) => {
    const more = Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
    return sum + more;
  }, 0);
}
