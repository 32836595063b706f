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

  /** @param id `recordId` of a stamp: no other hand-out has it, in this life of the broker or in another. */
  constructor(readonly id: string) {
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

  /** Its subscription was made anew, or is no more, before all of them were gone through. */
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
    if (this.isOver) this.resolve();
  }

  /** No more of them will come. @param isCutShort though there may be more. */
  walked(isCutShort = false): void {
    this.isWalked = true;
    this.isLeft = isCutShort;
    if (this.isOver) this.resolve();
  }
}
