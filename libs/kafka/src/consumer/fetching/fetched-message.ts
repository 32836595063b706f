/**
 * A record as kafkajs hands it over, with what it would have made of each made only when asked for: offset and time as text, the key as bytes.
 * Of a record set, records whose headers are the same bytes share them.
 */
export class FetchedMessage {
  readonly attributes = 0;
  readonly isControlRecord = false;
  readonly #bytes: Buffer;
  readonly #keyStart: number;
  /** Below the start: there is no key. */
  readonly #keyEnd: number;

  constructor(
    /** A safe integer. */
    readonly offsetNumber: number,
    /** Since 1970. */
    readonly timestampMs: number,
    readonly value: Buffer | null,
    readonly headers: Readonly<Record<string, Buffer>>,
    bytes: Buffer,
    keyStart: number,
    keyEnd: number,
  ) {
    this.#bytes = bytes;
    this.#keyStart = keyStart;
    this.#keyEnd = keyEnd;
  }

  get offset(): string {
    return String(this.offsetNumber);
  }

  get timestamp(): string {
    return String(this.timestampMs);
  }

  get key(): Buffer | null {
    return this.#keyEnd < this.#keyStart ? null : this.#bytes.subarray(this.#keyStart, this.#keyEnd);
  }

  get keyText(): string | null {
    return this.#keyEnd < this.#keyStart ? null : this.#bytes.toString('utf8', this.#keyStart, this.#keyEnd);
  }
}
