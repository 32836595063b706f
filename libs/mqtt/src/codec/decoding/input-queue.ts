import type { PacketReader } from './packet-reader.js';

const FIRST_ASSEMBLY_BYTES = 4096;
const NOTHING = Buffer.alloc(0);

/**
 * Received bytes not yet decoded. A packet that lies in one chunk is read in place; one that is split is assembled in a buffer
 * that doubles as bytes arrive: its cost is linear, and a peer that announces much and sends little costs little.
 */
export class InputQueue {
  private readonly chunks: Buffer[] = [];
  private first = 0;
  private offset = 0;
  private queuedBytes = 0;
  private assembly: Buffer = NOTHING;
  private assembled = 0;

  get length(): number {
    return this.queuedBytes + this.assembled;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.queuedBytes += chunk.length;
  }

  clear(): void {
    this.chunks.length = 0;
    this.first = this.offset = this.queuedBytes = this.assembled = 0;
    this.assembly = NOTHING;
  }

  takeByte(): number | undefined {
    const chunk = this.chunks[this.first];
    if (chunk === undefined) return undefined;
    const byte = chunk[this.offset];
    this.advance(chunk, 1);
    return byte;
  }

  /** Points the reader at the next `length` bytes and takes them; false while they have not all arrived. */
  takeInto(length: number, reader: PacketReader): boolean {
    const chunk = this.chunks[this.first];
    if (this.assembled === 0 && (length === 0 || (chunk !== undefined && chunk.length - this.offset >= length))) {
      reader.reset(chunk ?? NOTHING, this.offset, this.offset + length);
      if (chunk !== undefined) this.advance(chunk, length);
      return true;
    }
    this.assemble(length);
    if (this.assembled < length) return false;
    reader.reset(this.assembly, 0, length);
    this.assembly = NOTHING;
    this.assembled = 0;
    return true;
  }

  private assemble(length: number): void {
    for (let chunk = this.chunks[this.first]; chunk !== undefined && this.assembled < length; chunk = this.chunks[this.first]) {
      const count = Math.min(length - this.assembled, chunk.length - this.offset);
      this.reserve(this.assembled + count, length);
      chunk.copy(this.assembly, this.assembled, this.offset, this.offset + count);
      this.assembled += count;
      this.advance(chunk, count);
    }
  }

  private reserve(needed: number, length: number): void {
    if (this.assembly.length >= needed) return;
    const size = Math.min(length, Math.max(needed, this.assembly.length * 2, FIRST_ASSEMBLY_BYTES));
    // A buffer of its own: payloads are views on it, and must not share a pool page with something else.
    const larger = Buffer.allocUnsafeSlow(size);
    this.assembly.copy(larger, 0, 0, this.assembled);
    this.assembly = larger;
  }

  private advance(chunk: Buffer, count: number): void {
    this.queuedBytes -= count;
    this.offset += count;
    if (this.offset < chunk.length) return;
    this.offset = 0;
    this.chunks[this.first++] = NOTHING;
    if (this.first === this.chunks.length) {
      this.chunks.length = 0;
      this.first = 0;
    }
  }
}
