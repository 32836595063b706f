/** Reads what Kafka's protocol is made of, one after another. Numbers that no double holds exactly come as NaN. */
export class ByteReader {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  int16(): number {
    this.at += 2;
    return this.bytes.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }

  int64(): number {
    const upper = this.int32();
    const lower = this.int32() >>> 0;
    const number = upper * 4_294_967_296 + lower;
    return Number.isSafeInteger(number) ? number : Number.NaN;
  }

  /** Zigzag, of at most 53 bits. */
  varint(): number {
    const { bytes } = this;
    const first = bytes[this.at++] ?? 0x80;
    // Most are small.
    if (first < 0x80) return (first >>> 1) ^ -(first & 1);
    let number = first & 0x7f;
    for (let unit = 128; ; unit *= 128) {
      const byte = bytes[this.at++];
      if (byte === undefined) return Number.NaN;
      number += (byte & 0x7f) * unit;
      if (number > Number.MAX_SAFE_INTEGER) return Number.NaN;
      if (byte < 0x80) return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
    }
  }

  /** Text behind its length, an int16. */
  text(): string {
    const length = this.int16();
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }
}
