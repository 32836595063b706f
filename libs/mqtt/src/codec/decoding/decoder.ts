import type { Packet, ProtocolVersion } from '../../packets/packet.js';
import { PacketType, type PacketTypeName } from '../../packets/packet-type.js';
import type { ProtocolError } from '../../packets/protocol-error.js';
import { ReasonCode } from '../../packets/reason-code.js';
import { decodeConnack, decodeConnect, decodeProtocol } from './decode-connect.js';
import { decodeAuth, decodeDisconnect } from './decode-disconnect.js';
import { checkPublishFlags, decodeAck, decodePublish } from './decode-publish.js';
import { decodeSuback, decodeSubscribe, decodeUnsuback, decodeUnsubscribe } from './decode-subscribe.js';
import { InputQueue } from './input-queue.js';
import { PacketReader } from './packet-reader.js';

export interface DecoderOptions {
  /** Of the whole packet, its fixed header included; more is 0x95, judged from the header. */
  readonly maxPacketBytes: number;
  /** The version of a connection already made. Left out: the first packet must be CONNECT, and tells it. */
  readonly protocolVersion?: ProtocolVersion;
}

/** Name and level of the protocol at the beginning of CONNECT: `00 04 4d 51 54 54`, and the level. */
const PROTOCOL_BYTES = 7;

const TYPE_NAMES = Object.keys(PacketType) as PacketTypeName[];

/**
 * Bytes to packets. Any split of the stream gives the same packets, at a cost linear in its length. Never throws on what the
 * network sent: the first thing wrong is answered as one `ProtocolError`, and nothing after it.
 */
export class Decoder {
  private readonly input = new InputQueue();
  private readonly reader = new PacketReader();
  private version: ProtocolVersion | undefined;
  private failed = false;

  private header = 0;
  /** Bytes of the fixed header so far, the first one included. */
  private headerBytes = 0;
  private headerComplete = false;
  private overlongLength = false;
  private remainingLength = 0;
  private tooLarge = false;

  constructor(private readonly options: DecoderOptions) {
    this.version = options.protocolVersion;
  }

  /** Bytes that were pushed and not yet decoded. */
  get bufferedBytes(): number {
    return this.input.length;
  }

  /** The chunk belongs to the decoder from now on: payloads are views on it. */
  push(chunk: Buffer): void {
    if (!this.failed) this.input.push(chunk);
  }

  /** The next packet; undefined: more bytes are needed, or the stream has failed. */
  next(): Packet | ProtocolError | undefined {
    if (this.failed) return undefined;
    while (!this.headerComplete) {
      const byte = this.input.takeByte();
      if (byte === undefined) return undefined;
      const error = this.readHeaderByte(byte);
      if (error !== undefined) return error;
    }
    if (this.tooLarge) return this.refuseLargeConnect();
    if (!this.input.takeInto(this.remainingLength, this.reader)) return undefined;
    const packet = this.decodeBody();
    this.headerBytes = 0;
    this.headerComplete = false;
    const { failure } = this.reader;
    return failure === undefined ? packet : this.fail(failure.reasonCode, failure.detail);
  }

  private readHeaderByte(byte: number): ProtocolError | undefined {
    this.headerBytes++;
    if (this.headerBytes === 1) {
      this.header = byte;
      this.remainingLength = 0;
      return this.checkFirstByte(byte >> 4, byte & 0x0f);
    }
    this.remainingLength |= (byte & 0x7f) << (7 * (this.headerBytes - 2));
    if (byte >= 0x80) {
      return this.headerBytes === 5 ? this.fail(ReasonCode.MalformedPacket, 'remaining length of more than four bytes') : undefined;
    }
    this.headerComplete = true;
    this.overlongLength = byte === 0 && this.headerBytes > 2;
    if (this.overlongLength && this.version === 5) return this.failOverlong();
    const prescribed = prescribedLength(this.header >> 4, this.version);
    if (prescribed !== undefined && prescribed !== this.remainingLength) {
      return this.fail(ReasonCode.MalformedPacket, `a length of ${this.remainingLength} where it is always ${prescribed}`);
    }
    this.tooLarge = this.headerBytes + this.remainingLength > this.options.maxPacketBytes;
    // A CONNECT is too large in the version that its first bytes tell.
    return this.tooLarge && this.version !== undefined ? this.failTooLarge() : undefined;
  }

  private checkFirstByte(type: number, flags: number): ProtocolError | undefined {
    if (this.version === undefined && type !== PacketType.connect) {
      return this.fail(ReasonCode.ProtocolError, 'the first packet is not CONNECT (MQTT-3.1.0-1)');
    }
    if (type === 0 || (type === PacketType.auth && this.version === 4)) {
      return this.fail(ReasonCode.MalformedPacket, `packet type ${type} is reserved`);
    }
    if (type === PacketType.publish) {
      const wrong = checkPublishFlags(flags);
      return wrong === undefined ? undefined : this.fail(wrong.reasonCode, wrong.detail);
    }
    const prescribed = type === PacketType.pubrel || type === PacketType.subscribe || type === PacketType.unsubscribe ? 2 : 0;
    return flags === prescribed ? undefined : this.fail(ReasonCode.MalformedPacket, 'reserved header flags (MQTT-2.1.3-1)');
  }

  private decodeBody(): Packet {
    const type = TYPE_NAMES[(this.header >> 4) - 1] as PacketTypeName;
    const packet = type === 'connect' ? this.decodeConnectBody() : decodeByType(this.reader, type, this.header & 0x0f, this.version ?? 5);
    if (this.reader.remaining > 0) this.reader.malformed(`bytes after the end of ${type}`);
    return packet;
  }

  private decodeConnectBody(): Packet {
    const version = decodeProtocol(this.reader);
    // A second CONNECT is the engine's to refuse; it does not change the version.
    this.version ??= version;
    if (this.overlongLength && version === 5) this.reader.malformed('remaining length longer than needed (MQTT-1.5.5-1)');
    return decodeConnect(this.reader, version);
  }

  private refuseLargeConnect(): ProtocolError | undefined {
    if (!this.input.takeInto(Math.min(PROTOCOL_BYTES, this.remainingLength), this.reader)) return undefined;
    const version = decodeProtocol(this.reader);
    const { failure } = this.reader;
    // Another protocol than MQTT: there is no version to answer in.
    if (failure === undefined) this.version = version;
    return this.failTooLarge();
  }

  private failTooLarge(): ProtocolError {
    const bytes = this.headerBytes + this.remainingLength;
    return this.fail(ReasonCode.PacketTooLarge, `a packet of ${bytes} bytes; ${this.options.maxPacketBytes} are the most that is taken`);
  }

  private failOverlong(): ProtocolError {
    return this.fail(ReasonCode.MalformedPacket, 'remaining length longer than needed (MQTT-1.5.5-1)');
  }

  private fail(reasonCode: ReasonCode, detail: string): ProtocolError {
    this.failed = true;
    this.input.clear();
    return { type: 'protocol-error', reasonCode, detail, protocolVersion: this.version };
  }
}

/** The remaining length of packets that have one only; another is refused before its bytes are waited for. */
function prescribedLength(type: number, version: ProtocolVersion | undefined): number | undefined {
  switch (type) {
    case PacketType.pingreq:
    case PacketType.pingresp:
      return 0;
    case PacketType.disconnect:
      return version === 4 ? 0 : undefined;
    case PacketType.puback:
    case PacketType.pubrec:
    case PacketType.pubrel:
    case PacketType.pubcomp:
    case PacketType.unsuback:
    case PacketType.connack:
      return version === 4 ? 2 : undefined;
    default:
      return undefined;
  }
}

function decodeByType(reader: PacketReader, type: Exclude<PacketTypeName, 'connect'>, flags: number, version: ProtocolVersion): Packet {
  switch (type) {
    case 'publish':
      return decodePublish(reader, flags, version);
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return decodeAck(reader, type, version);
    case 'connack':
      return decodeConnack(reader, version);
    case 'subscribe':
      return decodeSubscribe(reader, version);
    case 'suback':
      return decodeSuback(reader, version);
    case 'unsubscribe':
      return decodeUnsubscribe(reader, version);
    case 'unsuback':
      return decodeUnsuback(reader, version);
    case 'disconnect':
      return decodeDisconnect(reader, version);
    case 'auth':
      return decodeAuth(reader);
    case 'pingreq':
    case 'pingresp':
      return { type };
  }
}
