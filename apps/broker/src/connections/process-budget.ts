interface Reader {
  stopReading(): void;
  startReading(): void;
}

/** Reading starts again when this part of the limit is in use, so that it does not flutter. */
const RESUME_AT = 0.9;

/** Unacknowledged bytes of the whole process: over the limit nobody is read, until acks have made room. */
export class ProcessBudget {
  private used = 0;
  private stopped = false;

  constructor(
    readonly limitBytes: number,
    private readonly readers: () => Iterable<Reader>,
  ) {}

  get usedBytes(): number {
    return this.used;
  }

  get exhausted(): boolean {
    return this.stopped;
  }

  take(bytes: number): void {
    this.used += bytes;
    if (this.stopped || this.used <= this.limitBytes) return;
    this.stopped = true;
    for (const reader of this.readers()) reader.stopReading();
  }

  release(bytes: number): void {
    this.used -= bytes;
    if (!this.stopped || this.used > this.limitBytes * RESUME_AT) return;
    this.stopped = false;
    for (const reader of this.readers()) reader.startReading();
  }
}
