import type { Ack, Connect, Packet, ProtocolVersion, Publish, Subscription } from '../../packets/packet.js';
import type { Properties } from '../../packets/properties.js';
import type { ByteSink } from './byte-sink.js';
import { hasProperties, writeProperties } from './write-properties.js';

/** All but PUBLISH, which has a writer of its own. */
export type OtherPacket = Exclude<Packet, Publish>;

/** The low four bits of the fixed header. */
export function headerFlags(packet: OtherPacket): number {
  switch (packet.type) {
    case 'pubrel':
    case 'subscribe':
    case 'unsubscribe':
      return 2;
    default:
      return 0;
  }
}

/** Everything behind the fixed header. What 3.1.1 has no place for is left out. */
export function writeBody(sink: ByteSink, packet: OtherPacket, version: ProtocolVersion): void {
  switch (packet.type) {
    case 'connect':
      writeConnect(sink, packet);
      break;
    case 'connack':
      sink.byte(packet.sessionPresent ? 1 : 0);
      sink.byte(packet.reasonCode);
      writePropertiesOf(sink, packet.properties, version);
      break;
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      writeAck(sink, packet, version);
      break;
    case 'subscribe':
      sink.uint16(packet.packetId);
      writePropertiesOf(sink, packet.properties, version);
      for (const subscription of packet.subscriptions) {
        sink.string(subscription.filter);
        sink.byte(version === 5 ? subscriptionOptions(subscription) : subscription.qos);
      }
      return;
    case 'suback':
      sink.uint16(packet.packetId);
      writePropertiesOf(sink, packet.properties, version);
      for (const code of packet.reasonCodes) sink.byte(version === 4 && code >= 0x80 ? 0x80 : code);
      return;
    case 'unsubscribe':
      sink.uint16(packet.packetId);
      writePropertiesOf(sink, packet.properties, version);
      for (const filter of packet.filters) sink.string(filter);
      return;
    case 'unsuback':
      sink.uint16(packet.packetId);
      writePropertiesOf(sink, packet.properties, version);
      if (version === 5) for (const code of packet.reasonCodes) sink.byte(code);
      return;
    case 'disconnect':
      if (version === 5) writeReason(sink, packet.reasonCode, packet.properties);
      return;
    case 'auth':
      if (packet.reasonCode === 0 && !hasProperties(packet.properties)) return;
      sink.byte(packet.reasonCode);
      writeProperties(sink, packet.properties);
      break;
    case 'pingreq':
    case 'pingresp':
      return;
  }
}

function writePropertiesOf(sink: ByteSink, properties: Properties, version: ProtocolVersion): void {
  if (version === 5) writeProperties(sink, properties);
}

function writeConnect(sink: ByteSink, packet: Connect): void {
  const { will, userName, password } = packet;
  const willFlags = will === undefined ? 0 : 0x04 | (will.qos << 3) | (will.retain ? 0x20 : 0);
  const loginFlags = (userName === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40);
  sink.string('MQTT');
  sink.byte(packet.protocolVersion);
  sink.byte((packet.cleanStart ? 0x02 : 0) | willFlags | loginFlags);
  sink.uint16(packet.keepAliveSeconds);
  writePropertiesOf(sink, packet.properties, packet.protocolVersion);
  sink.string(packet.clientId);
  if (will !== undefined) {
    writePropertiesOf(sink, will.properties, packet.protocolVersion);
    sink.string(will.topic);
    sink.binary(will.payload);
  }
  if (userName !== undefined) sink.string(userName);
  if (password !== undefined) sink.binary(password);
}

function writeAck(sink: ByteSink, packet: Ack, version: ProtocolVersion): void {
  sink.uint16(packet.packetId);
  if (version === 5) writeReason(sink, packet.reasonCode, packet.properties);
}

/** Reason code 0 without properties is nothing at all; without properties it is one byte. */
function writeReason(sink: ByteSink, reasonCode: number, properties: Properties): void {
  const carries = hasProperties(properties);
  if (reasonCode === 0 && !carries) return;
  sink.byte(reasonCode);
  if (carries) writeProperties(sink, properties);
}

function subscriptionOptions({ qos, noLocal, retainAsPublished, retainHandling }: Subscription): number {
  return qos | (noLocal ? 0x04 : 0) | (retainAsPublished ? 0x08 : 0) | (retainHandling << 4);
}
