/** A hand-out of retained messages to a kept session, which is on record with it until each of them is. */
export class KeptHandOut {
  /** Resolves then: all of them are on record, or are not wanted any more. */
  readonly over: Promise<void>;
  private resolve: () => void = () => undefined;
  private begun = false;
  private isWalked = false;
  private isLeft = false;
  /** On their way to their record. */
  private expected = 0;

  /**
   * @param id `recordId` of a stamp: no other hand-out has it, in this life of the broker or in another.
   * @param stands as of its walk.
   */
  constructor(
    readonly id: string,
    private readonly stands: () => boolean,
  ) {
    this.over = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  get hasBegun(): boolean {
    return this.begun;
  }

  get isOver(): boolean {
    return this.isWalked && this.expected === 0;
  }

  /** Its subscription was made anew, or is no more, before it was over: some of them were not gone through, or are off the record again. */
  get isCutShort(): boolean {
    return this.isLeft;
  }

  /** Its messages are gone through from now on. */
  begin(): void {
    this.begun = true;
  }

  /** One of them is being put on record. */
  expect(): void {
    this.expected += 1;
  }

  /** It is there, or will not be. To be called before it is delivered: what is written of the session from then on is right. */
  settled(): void {
    this.expected -= 1;
    this.endIfOver();
  }

  /** No more of them will come. */
  walked(): void {
    this.isWalked = true;
    this.endIfOver();
  }

  private endIfOver(): void {
    if (!this.isOver) return;
    this.isLeft = !this.stands();
    this.resolve();
  }
}
