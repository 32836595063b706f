import type { Ack, ProtocolVersion, Publish, QoS } from '../../packets/packet.js';
import { NO_PROPERTIES } from '../../packets/properties.js';
import { ReasonCode } from '../../packets/reason-code.js';
import type { PacketReader } from './packet-reader.js';
import { readProperties } from './read-properties.js';
import { isDefinedReasonCode } from './reason-codes-by-packet.js';

const DUP = 0x08;
const RETAIN = 0x01;

/** The payload is a view on the bytes that were received, not a copy. */
export function decodePublish(reader: PacketReader, flags: number, version: ProtocolVersion): Publish {
  const qos = ((flags >> 1) & 3) as QoS;
  const dup = (flags & DUP) !== 0;
  const topic = reader.topicName();
  const packetId = qos === 0 ? 0 : reader.packetId();
  const properties = version === 5 ? readProperties(reader, 'publish') : NO_PROPERTIES;
  if (topic === '' && properties.topicAlias === undefined) {
    reader.protocolError('an empty topic name without a topic alias (MQTT-4.7.3-1)');
  }
  const payload = reader.view(reader.remaining);
  return { type: 'publish', topic, payload, qos, retain: (flags & RETAIN) !== 0, dup, packetId, properties };
}

/** PUBLISH's flags can be judged from the first byte. */
export function checkPublishFlags(flags: number): { reasonCode: ReasonCode; detail: string } | undefined {
  const qos = (flags >> 1) & 3;
  if (qos === 3) return { reasonCode: ReasonCode.MalformedPacket, detail: 'PUBLISH with QoS 3 (MQTT-3.3.1-4)' };
  if (qos === 0 && (flags & DUP) !== 0) return { reasonCode: ReasonCode.ProtocolError, detail: 'DUP with QoS 0 (MQTT-3.3.1-2)' };
  return undefined;
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP: exactly two bytes in 3.1.1; reason code and properties may be left out in 5.0. */
export function decodeAck<Type extends Ack['type']>(reader: PacketReader, type: Type, version: ProtocolVersion): Ack {
  const packetId = reader.packetId();
  let reasonCode = 0;
  let properties: Ack['properties'] = NO_PROPERTIES;
  if (version === 5 && reader.remaining > 0) {
    reasonCode = reader.byte();
    if (!isDefinedReasonCode(type, reasonCode)) reader.protocolError(`reason code ${reasonCode} is not one of ${type}`);
    if (reader.remaining > 0) properties = readProperties(reader, type);
  }
  return { type, packetId, reasonCode, properties };
}
