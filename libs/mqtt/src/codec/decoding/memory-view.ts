type ViewConstructor = new (memory: ArrayBufferLike, byteOffset: number, length: number) => Buffer;

/** Whoever derives a typed array from a Buffer makes it with this. */
const View = (Buffer as unknown as { readonly [Symbol.species]: ViewConstructor })[Symbol.species];

/**
 * Buffers on parts of one Buffer. `subarray` gives the same, and asks native code for the memory behind it each time: half of
 * its time where there are many parts.
 */
export class MemoryView {
  private readonly memory: ArrayBufferLike;
  private readonly byteOffset: number;

  constructor(bytes: Buffer) {
    this.memory = bytes.buffer;
    this.byteOffset = bytes.byteOffset;
  }

  /** From `start` on; both within `bytes`. */
  part(start: number, length: number): Buffer {
    return new View(this.memory, this.byteOffset + start, length);
  }
}
