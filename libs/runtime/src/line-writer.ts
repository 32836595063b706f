import { write, writeSync } from 'node:fs';

/** Bytes that wait for a slow reader; beyond, lines are lost. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** A pipe that is full is tried again after so long. */
const FULL_PIPE_MS = 50;
/** What an exit waits for a pipe that is full. */
const LAST_WORDS_MS = 1_000;
const NEWLINE = 0x0a;

let lost = 0;

/** Of all writers of this process: lines that are not in the log, or not whole. */
export const linesLost = (): number => lost;

/**
 * Lines, each with its newline, to a file descriptor, in order but for those that an exit finds under way (`written` waits for them). Whoever writes them is neither failed nor held up: on a full disk, or where nobody reads any more, they are
 * lost. (pino's own destination ends the process there, and at its exit waits for room without end: an app that neither works nor dies.)
 */
export class LineWriter {
  readonly #fd: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #endsWithinLine = false;
  /** What is written last is half a line, whose rest is lost. */
  #isTorn = false;
  #toldWhenIdle: (() => void)[] = [];

  constructor(fd: number) {
    this.#fd = fd;
    process.once('exit', () => this.#writeLastWords());
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      lost += 1;
      return;
    }
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
      const rest = this.#without(bytes, error === null ? written : 0);
      if (error === null || isFull) this.#putBack(rest);
      else this.#lose(rest);
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
        bytes = this.#without(bytes, writeSync(this.#fd, bytes));
      } catch (error) {
        if (!isFullPipe(error) || performance.now() > deadlineMs) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
      }
    }
  }

  #takeAll(): Buffer {
    if (this.#isTorn && this.#waiting.length > 0) {
      this.#waiting.unshift(Buffer.of(NEWLINE));
      this.#isTorn = false;
    }
    const all = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return all;
  }

  /** What is left of these bytes when so many of them are written. */
  #without(bytes: Buffer, written: number): Buffer {
    if (written > 0) this.#endsWithinLine = bytes[written - 1] !== NEWLINE;
    return bytes.subarray(written);
  }

  #lose(bytes: Buffer): void {
    this.#isTorn = this.#endsWithinLine;
    // The newline at the beginning ends a line that is written, or was counted.
    for (let at = bytes.indexOf(NEWLINE, 1); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lost += 1;
  }

  #putBack(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#waiting.unshift(bytes);
    this.#waitingBytes += bytes.length;
  }
}

const isFullPipe = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN';
