/** A recorded message on its way into the queues, and from there on where a member of a shared subscription has ended meanwhile. */
export class Passage {
  private finish: () => void = () => undefined;
  private rest: Promise<unknown> | undefined;

  /** Every copy is where it stays. */
  readonly over = new Promise<void>((resolve) => {
    this.finish = resolve;
  });

  /** It ends no sooner than this. */
  goesOn(rest: Promise<unknown> | undefined): void {
    this.rest = rest;
  }

  end(): void {
    if (this.rest === undefined) this.finish();
    else void this.rest.finally(this.finish);
  }
}
