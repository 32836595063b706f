import type { ProduceMessage } from './produce-message.js';
import type { QueuedRecord } from './queued-record.js';

export interface BatchLimits {
  maxRecords: number;
  maxBytes: number;
}

/** What waits for one partition, in order. */
export class PartitionQueue {
  #entries: QueuedRecord[] = [];
  #bytes = 0;

  get length(): number {
    return this.#entries.length;
  }

  /** A batch is full: there is no reason to linger. */
  isFull({ maxRecords, maxBytes }: BatchLimits): boolean {
    return this.#entries.length >= maxRecords || this.#bytes >= maxBytes;
  }

  /** Puts the entry last. Returns the one it replaces, taken out, if that is still waiting. */
  push(entry: QueuedRecord): QueuedRecord | undefined {
    const index = entry.replaces === undefined ? -1 : this.#entries.findIndex(({ replaces }) => replaces === entry.replaces);
    const replaced = index < 0 ? undefined : this.#entries.splice(index, 1)[0];
    this.#entries.push(entry);
    this.#bytes += entry.message.bytes - (replaced?.message.bytes ?? 0);
    return replaced;
  }

  /** Takes the next batch out: as many as fit, and one in any case. */
  take({ maxRecords, maxBytes }: BatchLimits): QueuedRecord[] {
    let bytes = 0;
    let count = 0;
    for (const { message } of this.#entries) {
      if (count === maxRecords || (count > 0 && bytes + message.bytes > maxBytes)) break;
      bytes += message.bytes;
      count += 1;
    }
    this.#bytes -= bytes;
    if (count < this.#entries.length) return this.#entries.splice(0, count);
    const all = this.#entries;
    this.#entries = [];
    return all;
  }

  entries(): readonly QueuedRecord[] {
    return this.#entries;
  }
}

// Record format v2: at most 5 bytes for each of five varints, 10 for each of two more, and one for attributes.
const RECORD_OVERHEAD = 46;
const HEADER_OVERHEAD = 10;

/** At least what the record takes in an uncompressed batch. */
export function encodedBytes({
  key,
  value,
  headers,
}: Pick<ProduceMessage, 'key' | 'value'> & Partial<Pick<ProduceMessage, 'headers'>>): number {
  let bytes = RECORD_OVERHEAD + (value?.length ?? 0) + (key === null ? 0 : Buffer.byteLength(key));
  for (const name in headers) {
    const header = headers[name] ?? '';
    bytes += HEADER_OVERHEAD + Buffer.byteLength(name) + (typeof header === 'string' ? Buffer.byteLength(header) : header.length);
  }
  return bytes;
}
