/** To one session in one turn of the event loop: a `#` over a large store must not hold up everybody else. */
export const RETAINED_PER_TURN = 500;

/** What one session is handed in a turn of the event loop, by all its SUBSCRIBEs together. */
export class HandOutTurns {
  private left = RETAINED_PER_TURN;
  private next: Promise<void> | undefined;

  /** Resolves in the next turn; undefined: this one has some left. */
  wait(): Promise<void> | undefined {
    return this.left > 0 ? undefined : this.next;
  }

  /** A message was handed out, or looked for in vain: in a large store that takes as long. */
  took(): void {
    this.left -= 1;
    this.next ??= new Promise((resolve) => {
      setImmediate(() => {
        this.left = RETAINED_PER_TURN;
        this.next = undefined;
        resolve();
      });
    });
  }
}
