import type { Packet, ProtocolVersion } from '../../packets/packet.js';
import { PacketType } from '../../packets/packet-type.js';
import type { Properties } from '../../packets/properties.js';
import { ByteCounter, variableIntegerBytes } from './byte-sink.js';
import { OutputBuffer } from './output-buffer.js';
import { putUint16 } from './put.js';
import { headerFlags, type OtherPacket, writeBody } from './write-packet.js';
import { PublishWriter } from './write-publish.js';

/** The largest packet there is: five bytes of header and the largest remaining length. */
export const MAX_PACKET_BYTES = 5 + 268_435_455;

/** What may be sent in four bytes. */
export type ShortAck = 'puback' | 'pubrec' | 'pubcomp';

/** Packets to bytes, collected until they are taken: the acks of a whole tick leave as one buffer. */
export class Encoder {
  private readonly output = new OutputBuffer();
  private readonly publishes: PublishWriter;

  constructor(
    private readonly version: ProtocolVersion,
    /** The peer's Maximum Packet Size. */
    private readonly maxPacketBytes = MAX_PACKET_BYTES,
  ) {
    this.publishes = new PublishWriter(this.output, version, maxPacketBytes);
  }

  get empty(): boolean {
    return this.output.empty;
  }

  take(): Buffer[] {
    return this.output.take();
  }

  /**
   * False: larger than the peer accepts, nothing was written (MQTT-3.1.2-24). Reason string and user properties of
   * anything but PUBLISH are left out first (MQTT-3.4.2-2 and its like).
   */
  write(packet: Packet): boolean {
    if (packet.type === 'publish') return this.publishes.write(packet);
    if (this.writeShortAck(packet)) return true;
    if (this.writeWhole(packet)) return true;
    const smaller = withoutDiagnostics(packet);
    return smaller !== undefined && this.writeWhole(smaller);
  }

  /** Success without properties: the hot path. False: the peer accepts no packet of four bytes, nothing was written. */
  acknowledge(type: ShortAck, packetId: number): boolean {
    if (this.maxPacketBytes < 4) return false;
    const at = this.output.claim(4);
    const { bytes } = this.output;
    bytes[at] = PacketType[type] << 4;
    bytes[at + 1] = 2;
    putUint16(bytes, at + 2, packetId);
    return true;
  }

  /** Acks without properties, without counting first. */
  private writeShortAck(packet: OtherPacket): boolean {
    if (packet.type !== 'puback' && packet.type !== 'pubrec' && packet.type !== 'pubcomp') return false;
    if (packet.reasonCode !== 0 && this.version === 5) return false;
    for (const _ in packet.properties) return false;
    return this.acknowledge(packet.type, packet.packetId);
  }

  private writeWhole(packet: OtherPacket): boolean {
    const counter = new ByteCounter();
    writeBody(counter, packet, this.version);
    if (1 + variableIntegerBytes(counter.count) + counter.count > this.maxPacketBytes) return false;
    this.output.byte((PacketType[packet.type] << 4) | headerFlags(packet));
    this.output.variableInteger(counter.count);
    writeBody(this.output, packet, this.version);
    return true;
  }
}

/** One packet as one buffer. */
export function encode(packet: Packet, version: ProtocolVersion): Buffer {
  const encoder = new Encoder(version);
  encoder.write(packet);
  const parts = encoder.take();
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

function withoutDiagnostics(packet: OtherPacket): OtherPacket | undefined {
  if (packet.type === 'connect' || !('properties' in packet)) return undefined;
  const { reasonString, userProperties, ...kept } = packet.properties as Properties;
  if (reasonString === undefined && userProperties === undefined) return undefined;
  return { ...packet, properties: kept } as OtherPacket;
}
