/** Why a socket is not read: the engine has no room for its client, the process none for anybody, the client does not read our answers, or sends too fast. */
export type StopReason = 'engine' | 'process' | 'unsent' | 'rate';

const BITS: Record<StopReason, number> = { engine: 1, process: 2, unsent: 4, rate: 8 };
/** The reasons for which a client's time stands still; the engine knows of its own. */
const OURS = BITS.process | BITS.unsent | BITS.rate;

/** Reads a socket while nothing speaks against it. */
export class ReadingStops {
  private reasons = 0;

  constructor(private readonly socket: { pause(): unknown; resume(): unknown }) {}

  /** @returns true when this is the first reason that the engine does not know of. */
  add(reason: StopReason): boolean {
    const before = this.reasons;
    this.reasons |= BITS[reason];
    if (before === 0) this.socket.pause();
    return (before & OURS) === 0 && (this.reasons & OURS) !== 0;
  }

  /** @returns true when no reason is left that the engine does not know of. */
  remove(reason: StopReason): boolean {
    const before = this.reasons;
    this.reasons &= ~BITS[reason];
    if (before !== 0 && this.reasons === 0) this.socket.resume();
    return (before & OURS) !== 0 && (this.reasons & OURS) === 0;
  }

  clear(): void {
    if (this.reasons !== 0) this.socket.resume();
    this.reasons = 0;
  }
}
