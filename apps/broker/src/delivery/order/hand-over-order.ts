/** A place in the order, held until `done`. */
export interface HandOverTurn {
  /** Everybody who came before is done. */
  readonly come: Promise<unknown>;
  /** Handed over, or given up. */
  done(): void;
}

/** Lets each have its turn in the order in which they asked for one. */
export class HandOverOrder {
  private last: Promise<unknown> = Promise.resolve();

  take(): HandOverTurn {
    const come = this.last;
    let done: () => void = () => undefined;
    const own = new Promise<void>((resolve) => {
      done = resolve;
    });
    this.last = own.then(() => come);
    return { come, done };
  }
}
