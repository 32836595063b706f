import { ReasonCode } from '../../packets/reason-code.js';
import { isTopicName } from '../../topics/topic-name.js';
import { decodeUtf8 } from '../utf8.js';
import { MemoryView } from './memory-view.js';
import { TopicMemo } from './topic-memo.js';

const NOTHING = Buffer.alloc(0);

export interface ReadFailure {
  readonly reasonCode: ReasonCode;
  readonly detail: string;
}

/**
 * A cursor over one packet's bytes. It never throws and never reads past the packet: the first thing wrong is kept in `failure`,
 * and whatever is read after it is empty, so that decoding functions need not check after every field.
 */
export class PacketReader {
  failure: ReadFailure | undefined;
  private readonly topics = new TopicMemo();
  private bytes: Buffer = NOTHING;
  /** Of `bytes`, once a part of it was wanted. */
  private parts: MemoryView | undefined;
  private at = 0;
  private end = 0;

  reset(bytes: Buffer, start: number, end: number): void {
    // Mostly the same as before: what is put into an old object has to be told to the garbage collector.
    if (this.bytes !== bytes) {
      this.bytes = bytes;
      this.parts = undefined;
    }
    this.at = start;
    this.end = end;
    this.failure = undefined;
  }

  get remaining(): number {
    return this.end - this.at;
  }

  fail(reasonCode: ReasonCode, detail: string): void {
    this.failure ??= { reasonCode, detail };
    this.at = this.end;
  }

  malformed(detail: string): void {
    this.fail(ReasonCode.MalformedPacket, detail);
  }

  protocolError(detail: string): void {
    this.fail(ReasonCode.ProtocolError, detail);
  }

  byte(): number {
    return this.has(1) ? (this.bytes[this.at++] as number) : 0;
  }

  uint16(): number {
    if (!this.has(2)) return 0;
    const value = ((this.bytes[this.at] as number) << 8) | (this.bytes[this.at + 1] as number);
    this.at += 2;
    return value;
  }

  uint32(): number {
    if (!this.has(4)) return 0;
    const value = this.bytes.readUInt32BE(this.at);
    this.at += 4;
    return value;
  }

  /** A Variable Byte Integer, in as few bytes as it needs (MQTT-1.5.5-1). */
  variableInteger(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (byte === 0 && shift > 0) this.malformed('variable byte integer longer than needed (MQTT-1.5.5-1)');
        return value;
      }
    }
    this.malformed('variable byte integer of more than four bytes');
    return 0;
  }

  /** A non-zero packet identifier (MQTT-2.2.1-3). */
  packetId(): number {
    const id = this.uint16();
    if (id === 0) this.protocolError('packet identifier 0 (MQTT-2.2.1-3)');
    return id;
  }

  string(field: string): string {
    const length = this.uint16();
    if (!this.has(length)) return '';
    const value = decodeUtf8(this.bytes, this.at, this.at + length);
    this.at += length;
    if (value === undefined) {
      this.malformed(`${field} is not well-formed UTF-8 or holds U+0000 (MQTT-1.5.4-1)`);
      return '';
    }
    return value;
  }

  /** A topic name; '' where it is empty, for an alias may stand for it, and where it is wrong. */
  topicName(): string {
    const length = this.uint16();
    if (!this.has(length)) return '';
    const { bytes, at } = this;
    const end = at + length;
    const known = this.topics.recall(bytes, at, end);
    if (known !== undefined) {
      this.at = end;
      return known;
    }
    this.at -= 2;
    const topic = this.string('topic name');
    if (topic === '') return topic;
    if (isTopicName(topic)) this.topics.keep(bytes, at, end, topic);
    else this.fail(ReasonCode.TopicNameInvalid, 'a topic name with a wildcard (MQTT-3.3.2-2)');
    return topic;
  }

  /** A view on the packet's own bytes, not a copy. */
  binary(): Buffer {
    return this.view(this.uint16());
  }

  /** As `binary`, in memory of its own: for what outlives the chunk that it came in. */
  ownBinary(): Buffer {
    const view = this.binary();
    if (view.length === 0) return NOTHING;
    const own = Buffer.allocUnsafeSlow(view.length);
    view.copy(own);
    return own;
  }

  /** A view on the next bytes. */
  view(length: number): Buffer {
    if (!this.has(length) || length === 0) return NOTHING;
    this.parts ??= new MemoryView(this.bytes);
    const view = this.parts.part(this.at, length);
    this.at += length;
    return view;
  }

  /** Keeps further reads within the next `length` bytes; answers what to give back to `leave`. */
  enter(length: number): number {
    const outerEnd = this.end;
    if (this.has(length)) this.end = this.at + length;
    return outerEnd;
  }

  leave(outerEnd: number): void {
    this.end = outerEnd;
    if (this.failure !== undefined) this.at = outerEnd;
  }

  private has(count: number): boolean {
    if (this.end - this.at >= count) return true;
    this.malformed('a field runs past the end of its packet');
    return false;
  }
}
