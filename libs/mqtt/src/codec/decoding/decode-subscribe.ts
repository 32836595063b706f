import type { ProtocolVersion, QoS, Suback, Subscribe, Subscription, Unsuback, Unsubscribe } from '../../packets/packet.js';
import { NO_PROPERTIES } from '../../packets/properties.js';
import { isShared } from '../../topics/topic-filter.js';
import type { PacketReader } from './packet-reader.js';
import { readProperties } from './read-properties.js';
import { isDefinedReasonCode } from './reason-codes-by-packet.js';

const NO_LOCAL = 0x04;
const RETAIN_AS_PUBLISHED = 0x08;
const RESERVED = 0xc0;

export function decodeSubscribe(reader: PacketReader, version: ProtocolVersion): Subscribe {
  const packetId = reader.packetId();
  const properties = version === 5 ? readProperties(reader, 'subscribe') : NO_PROPERTIES;
  if (reader.remaining === 0) reader.protocolError('SUBSCRIBE without a filter (MQTT-3.8.3-2)');
  const subscriptions: Subscription[] = [];
  while (reader.remaining > 0) subscriptions.push(decodeSubscription(reader, version));
  return { type: 'subscribe', packetId, subscriptions, properties };
}

function decodeSubscription(reader: PacketReader, version: ProtocolVersion): Subscription {
  const filter = decodeFilter(reader);
  const options = reader.byte();
  const qos = options & 3;
  const retainHandling = (options >> 4) & 3;
  if (version === 4 && options > 2) reader.malformed('a requested QoS other than 0, 1, 2 (v3 MQTT-3.8.3-4)');
  else if ((options & RESERVED) !== 0) reader.malformed('reserved subscription options are set (MQTT-3.8.3-5)');
  else if (qos === 3) reader.protocolError('a subscription with QoS 3');
  else if (retainHandling === 3) reader.protocolError('retain handling 3');
  else if ((options & NO_LOCAL) !== 0 && isShared(filter)) reader.protocolError('No Local on a shared subscription (MQTT-3.8.3-4)');
  return {
    filter,
    qos: qos as QoS,
    noLocal: (options & NO_LOCAL) !== 0,
    retainAsPublished: (options & RETAIN_AS_PUBLISHED) !== 0,
    retainHandling: retainHandling as Subscription['retainHandling'],
  };
}

/** Wildcards are the engine's to judge: it can refuse one filter alone. An empty one is no filter at all. */
function decodeFilter(reader: PacketReader): string {
  const filter = reader.string('topic filter');
  if (filter === '') reader.malformed('an empty topic filter (MQTT-4.7.3-1)');
  return filter;
}

export function decodeSuback(reader: PacketReader, version: ProtocolVersion): Suback {
  const packetId = reader.packetId();
  const properties = version === 5 ? readProperties(reader, 'suback') : NO_PROPERTIES;
  if (reader.remaining === 0) reader.protocolError('SUBACK without a reason code (MQTT-3.8.4-6)');
  const reasonCodes: number[] = [];
  while (reader.remaining > 0) {
    const code = reader.byte();
    const defined = version === 5 ? isDefinedReasonCode('suback', code) : code <= 2 || code === 0x80;
    if (!defined) reader.protocolError(`reason code ${code} is not one of SUBACK`);
    reasonCodes.push(code);
  }
  return { type: 'suback', packetId, reasonCodes, properties };
}

export function decodeUnsubscribe(reader: PacketReader, version: ProtocolVersion): Unsubscribe {
  const packetId = reader.packetId();
  const properties = version === 5 ? readProperties(reader, 'unsubscribe') : NO_PROPERTIES;
  if (reader.remaining === 0) reader.protocolError('UNSUBSCRIBE without a filter (MQTT-3.10.3-2)');
  const filters: string[] = [];
  while (reader.remaining > 0) filters.push(decodeFilter(reader));
  return { type: 'unsubscribe', packetId, filters, properties };
}

export function decodeUnsuback(reader: PacketReader, version: ProtocolVersion): Unsuback {
  const packetId = reader.packetId();
  if (version === 4) return { type: 'unsuback', packetId, reasonCodes: [], properties: NO_PROPERTIES };
  const properties = readProperties(reader, 'unsuback');
  if (reader.remaining === 0) reader.protocolError('UNSUBACK without a reason code (MQTT-3.11.3-1)');
  const reasonCodes: number[] = [];
  while (reader.remaining > 0) {
    const code = reader.byte();
    if (!isDefinedReasonCode('unsuback', code)) reader.protocolError(`reason code ${code} is not one of UNSUBACK`);
    reasonCodes.push(code);
  }
  return { type: 'unsuback', packetId, reasonCodes, properties };
}
