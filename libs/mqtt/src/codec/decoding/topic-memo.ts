/** Longer topics are decoded each time. */
const MAX_BYTES = 256;
const NOTHING = Buffer.alloc(0);

/**
 * The last valid topic of a connection, by its bytes: a client repeats its topic, and comparing it costs a tenth of decoding and
 * judging it. Holds a copy, never the chunk that the topic came in.
 */
export class TopicMemo {
  private kept: Buffer = NOTHING;
  private length = 0;
  private topic = '';

  /** The topic that these bytes are, if they are the last one. */
  recall(bytes: Buffer, start: number, end: number): string | undefined {
    const { kept, length } = this;
    if (length === 0 || end - start !== length) return undefined;
    // Topics of one client differ at their end, if anywhere.
    for (let index = length - 1; index >= 0; index--) {
      if (kept[index] !== bytes[start + index]) return undefined;
    }
    return this.topic;
  }

  keep(bytes: Buffer, start: number, end: number, topic: string): void {
    const length = end - start;
    if (length > MAX_BYTES) return;
    // Memory of its own, in steps, so that topics of about one length do not allocate each time.
    if (this.kept.length < length) this.kept = Buffer.allocUnsafeSlow((length + 63) & ~63);
    for (let index = 0; index < length; index++) this.kept[index] = bytes[start + index] as number;
    this.length = length;
    this.topic = topic;
  }
}
