import { closeSync, fdatasync, openSync, write } from 'node:fs';
import { promisify } from 'node:util';

const writeFile = promisify(write);
const sync = promisify(fdatasync);

/**
 * The ledger's memory on disk: lines, in order. `written` resolves when everything noted so far has been synced; what is noted
 * meanwhile goes with the next sync, so that there is one for many messages.
 */
export class Journal {
  readonly #file: number;
  #lines: string[] = [];
  #next: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#file = openSync(path, 'wx');
  }

  note(line: string): void {
    this.#lines.push(line);
  }

  written(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      this.#running = this.#flush();
      return this.#running;
    });
    return this.#next;
  }

  async close(): Promise<void> {
    await this.written();
    closeSync(this.#file);
  }

  async #flush(): Promise<void> {
    const text = Buffer.from(this.#lines.map((line) => `${line}\n`).join(''));
    this.#lines = [];
    for (let at = 0; at < text.length; ) at += (await writeFile(this.#file, text, at, text.length - at)).bytesWritten;
    await sync(this.#file);
  }
}
