import { PolicyBook } from '../policy/policy-book.js';
import type { NumberedChange } from '../policy/policy-change.js';

/** Partitions take a change within seconds of each other: so many numbers are in use at once at most. */
const BOOKS = 8;

/** The policies at each number of the log of changes. Numbers are to be asked for in about their order. */
export class RecordedPolicies {
  readonly #changes: readonly NumberedChange[];
  readonly #books = new Map<number, PolicyBook>();

  /** @param changes all of them, in their order. */
  constructor(changes: readonly NumberedChange[]) {
    this.#changes = changes;
  }

  at(version: number): PolicyBook {
    const known = this.#books.get(version);
    if (known !== undefined) return known;
    const before =
      [...this.#books.values()].filter((book) => book.version < version).sort((a, b) => b.version - a.version)[0] ?? PolicyBook.empty;
    const book = before.with(this.#changes.filter(({ id }) => id > before.version && id <= version));
    this.#books.set(version, book);
    for (const oldest of this.#books.keys()) if (this.#books.size > BOOKS) this.#books.delete(oldest);
    return book;
  }
}
