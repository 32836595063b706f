import type { ProtocolVersion, Publish } from '../../packets/packet.js';
import { PacketType } from '../../packets/packet-type.js';
import { variableIntegerBytes } from './byte-sink.js';
import { BORROW_BYTES, type OutputBuffer } from './output-buffer.js';
import { publishPropertyBytes, writePublishProperties } from './publish-properties.js';
import { fieldBytes, putString, putUint16, putVariableInteger } from './put.js';

const FIXED = PacketType.publish << 4;

/**
 * PUBLISH is what a broker writes most, so it does not go through the general sink: its size is summed up from its fields, room
 * is taken once, short ASCII text is stored by a loop, which costs less than a call into native code, and the size of the topic
 * is remembered, for the next message mostly has the same.
 */
export class PublishWriter {
  private topic = '';
  /** Its bytes, with those of its length. */
  private topicBytes = 2;

  constructor(
    private readonly output: OutputBuffer,
    private readonly version: ProtocolVersion,
    private readonly maxPacketBytes: number,
  ) {}

  /** False: larger than the peer accepts (or than a packet can be), and nothing was written. */
  write(packet: Publish): boolean {
    const { output, version } = this;
    const { topic, payload, qos, properties } = packet;
    const topicBytes = this.bytesOf(topic);
    const propertyBytes = version === 5 ? publishPropertyBytes(properties) : 0;
    const propertyField = version === 5 ? variableIntegerBytes(propertyBytes) + propertyBytes : 0;
    const head = topicBytes + (qos > 0 ? 2 : 0) + propertyField;
    const remainingLength = head + payload.length;
    const header = 1 + variableIntegerBytes(remainingLength);
    if (header + remainingLength > this.maxPacketBytes) return false;

    const borrows = payload.length >= BORROW_BYTES;
    let at = output.claim(header + head + (borrows ? 0 : payload.length));
    const { bytes } = output;
    bytes[at++] = FIXED | (packet.dup ? 8 : 0) | (qos << 1) | (packet.retain ? 1 : 0);
    at = putVariableInteger(bytes, at, remainingLength);
    at = putString(bytes, at, topic, topicBytes - 2);
    if (qos > 0) at = putUint16(bytes, at, packet.packetId);
    if (version === 5) {
      at = putVariableInteger(bytes, at, propertyBytes);
      if (propertyBytes > 0) at = writePublishProperties(bytes, at, properties);
    }
    if (borrows) output.raw(payload);
    else bytes.set(payload, at);
    return true;
  }

  private bytesOf(topic: string): number {
    if (topic === this.topic) return this.topicBytes;
    const bytes = fieldBytes(topic);
    this.topic = topic;
    this.topicBytes = bytes;
    return bytes;
  }
}

/** What `PublishWriter` would write. */
export function publishBytes({ topic, payload, qos, properties }: Publish, version: ProtocolVersion): number {
  const propertyBytes = version === 5 ? publishPropertyBytes(properties) : 0;
  const propertyField = version === 5 ? variableIntegerBytes(propertyBytes) + propertyBytes : 0;
  const remainingLength = fieldBytes(topic) + (qos > 0 ? 2 : 0) + propertyField + payload.length;
  return 1 + variableIntegerBytes(remainingLength) + remainingLength;
}
