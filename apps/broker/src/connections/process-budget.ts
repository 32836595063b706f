interface Reader {
  stopReading(): void;
  startReading(): void;
}

/** Reading starts again when this part of the limit is in use, so that it does not flutter. */
const RESUME_AT = 0.9;

/** Unacknowledged bytes of the whole process: over the limit nobody is read, until acks have made room. */
export class ProcessBudget {
  private used = 0;
  /** Nobody is read when `exhausted`, until there is room, and when `closed`, for good. */
  private state: 'open' | 'exhausted' | 'closed' = 'open';

  constructor(
    readonly limitBytes: number,
    private readonly readers: () => Iterable<Reader>,
    /** The limit was reached. */
    private readonly onExhausted: () => void = () => undefined,
  ) {}

  get usedBytes(): number {
    return this.used;
  }

  get exhausted(): boolean {
    return this.state !== 'open';
  }

  take(bytes: number): void {
    this.used += bytes;
    if (this.state !== 'open' || this.used <= this.limitBytes) return;
    this.stop('exhausted');
    this.onExhausted();
  }

  release(bytes: number): void {
    this.used -= bytes;
    if (this.state !== 'exhausted' || this.used > this.limitBytes * RESUME_AT) return;
    this.state = 'open';
    for (const reader of this.readers()) reader.startReading();
  }

  /** The process ends: nobody is read any more, however much room the last acks make. */
  close(): void {
    this.stop('closed');
  }

  private stop(state: 'exhausted' | 'closed'): void {
    this.state = state;
    for (const reader of this.readers()) reader.stopReading();
  }
}
