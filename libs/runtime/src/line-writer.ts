import { write, writeSync } from 'node:fs';

/** Bytes that wait for a slow reader; beyond, lines are lost. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** A pipe that is full is tried again after so long. */
const FULL_PIPE_MS = 50;
/** What an exit waits for a pipe that is full. */
const LAST_WORDS_MS = 1_000;

/**
 * Lines to a file descriptor, in order but for those that an exit finds under way (`written` waits for them). Whoever writes them is neither failed nor held up: on a full disk, or where nobody reads any more, they are
 * lost. (pino's own destination ends the process there, and at its exit waits for room without end: an app that neither works nor dies.)
 */
export class LineWriter {
  readonly #fd: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #toldWhenIdle: (() => void)[] = [];

  constructor(fd: number) {
    this.#fd = fd;
    process.once('exit', () => this.#writeLastWords());
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (!this.#isWriting) this.#writeNext();
  }

  /** Resolves when nothing waits and nothing is under way. */
  async written(): Promise<void> {
    if (this.#isWriting) await new Promise<void>((resolve) => this.#toldWhenIdle.push(resolve));
  }

  #writeNext(): void {
    const bytes = this.#takeAll();
    if (bytes.length === 0) {
      for (const tell of this.#toldWhenIdle.splice(0)) tell();
      return;
    }
    this.#isWriting = true;
    write(this.#fd, bytes, (error, written) => {
      const isFull = error !== null && isFullPipe(error);
      if (error === null || isFull) this.#putBack(bytes.subarray(written ?? 0));
      const goOn = () => {
        this.#isWriting = false;
        this.#writeNext();
      };
      if (isFull) setTimeout(goOn, FULL_PIPE_MS);
      else goOn();
    });
  }

  /** What is under way at an exit is written by a thread of its own; the rest here. */
  #writeLastWords(): void {
    const deadlineMs = performance.now() + LAST_WORDS_MS;
    for (let bytes = this.#takeAll(); bytes.length > 0; ) {
      try {
        bytes = bytes.subarray(writeSync(this.#fd, bytes));
      } catch (error) {
        if (!isFullPipe(error) || performance.now() > deadlineMs) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
      }
    }
  }

  #takeAll(): Buffer {
    const all = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return all;
  }

  #putBack(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#waiting.unshift(bytes);
    this.#waitingBytes += bytes.length;
  }
}

const isFullPipe = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN';
