/** Where packets are written: a counter first, to know their length, then a buffer. One description of each packet serves both. */
export interface ByteSink {
  byte(value: number): void;
  uint16(value: number): void;
  uint32(value: number): void;
  variableInteger(value: number): void;
  /** With its two bytes of length. */
  string(value: string): void;
  /** With its two bytes of length. */
  binary(value: Buffer): void;
  /** Without a length. */
  raw(value: Buffer): void;
}

/** The longest string or binary field: its length has two bytes. */
export const MAX_FIELD_BYTES = 65_535;

export function variableIntegerBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  return value < 0x200000 ? 3 : 4;
}

export class ByteCounter implements ByteSink {
  count = 0;

  byte(): void {
    this.count += 1;
  }
  uint16(): void {
    this.count += 2;
  }
  uint32(): void {
    this.count += 4;
  }
  variableInteger(value: number): void {
    this.count += variableIntegerBytes(value);
  }
  string(value: string): void {
    this.field(Buffer.byteLength(value));
  }
  binary(value: Buffer): void {
    this.field(value.length);
  }
  raw(value: Buffer): void {
    this.count += value.length;
  }

  /** What no field can hold makes the packet larger than any peer accepts. */
  private field(bytes: number): void {
    this.count += bytes > MAX_FIELD_BYTES ? Number.POSITIVE_INFINITY : 2 + bytes;
  }
}
