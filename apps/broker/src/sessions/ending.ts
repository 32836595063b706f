/** A client's session that is over, and still on record. The client's next one begins there when its claim is gone. */
export class Ending {
  private next: (() => void) | undefined;
  private resolve: () => void = () => undefined;

  /** The claim is gone from the log. */
  readonly gone = new Promise<void>((resolve) => {
    this.resolve = resolve;
  });

  /** `begin` is called then. One waits at the most: where another comes, the one before is over, and has begun nothing. */
  letBegin(begin: () => void): void {
    this.next = begin;
  }

  /** Its claim is gone. */
  over(): void {
    this.next?.();
    this.next = undefined;
    this.resolve();
  }
}
