import type { ByteSink } from './byte-sink.js';

const FIRST_BYTES = 256;
const NEXT_BYTES = 4096;
const LARGEST_BYTES = 65_536;
/** From this size on a payload is handed on as it is, below it is copied beside its neighbours. */
export const BORROW_BYTES = 2048;
const NOTHING = Buffer.alloc(0);

/** Collects what is to be written in as few buffers as possible. Large payloads are not copied. */
export class OutputBuffer implements ByteSink {
  private full: Buffer[] = [];
  private buffer: Buffer = NOTHING;
  /** Of the buffers in `full` that are ours. */
  private filledBytes = 0;
  private firstBytes = FIRST_BYTES;
  private start = 0;
  private at = 0;

  get empty(): boolean {
    return this.at === this.start && this.full.length === 0;
  }

  /** Everything written since the last call, and nothing of it is kept here. */
  take(): Buffer[] {
    this.cut();
    const taken = this.full;
    this.full = [];
    // What is left of the buffer belongs to whoever writes what was taken: start afresh, and hold no memory while idle.
    this.buffer = NOTHING;
    this.firstBytes = Math.min(Math.max(FIRST_BYTES, this.filledBytes), LARGEST_BYTES);
    this.start = this.at = this.filledBytes = 0;
    return taken;
  }

  /** Room for `count` bytes: from the answer on in `bytes`, to be filled before anything else is written. */
  claim(count: number): number {
    this.reserve(count);
    const claimed = this.at;
    this.at += count;
    return claimed;
  }

  get bytes(): Buffer {
    return this.buffer;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.at++] = value;
  }

  uint16(value: number): void {
    this.reserve(2);
    this.buffer[this.at++] = value >>> 8;
    this.buffer[this.at++] = value & 0xff;
  }

  uint32(value: number): void {
    this.reserve(4);
    this.at = this.buffer.writeUInt32BE(value, this.at);
  }

  variableInteger(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  string(value: string): void {
    const length = Buffer.byteLength(value);
    this.uint16(length);
    this.reserve(length);
    this.at += this.buffer.write(value, this.at, length, 'utf8');
  }

  binary(value: Buffer): void {
    this.uint16(value.length);
    this.raw(value);
  }

  raw(value: Buffer): void {
    if (value.length >= BORROW_BYTES) {
      this.cut();
      this.full.push(value);
      return;
    }
    this.reserve(value.length);
    this.at += value.copy(this.buffer, this.at);
  }

  private reserve(count: number): void {
    if (this.buffer.length - this.at >= count) return;
    const first = this.buffer.length === 0 && this.full.length === 0;
    this.cut();
    // What the last time needed, then as much again as was written: few buffers for much output, for memory is slow to come by.
    const next = first ? this.firstBytes : Math.min(Math.max(NEXT_BYTES, this.filledBytes), LARGEST_BYTES);
    this.buffer = Buffer.allocUnsafe(Math.max(count, next));
    this.start = this.at = 0;
  }

  private cut(): void {
    if (this.at > this.start) this.full.push(this.buffer.subarray(this.start, this.at));
    this.filledBytes += this.at - this.start;
    this.start = this.at;
  }
}
