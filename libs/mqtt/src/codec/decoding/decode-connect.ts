import type { Connack, Connect, ProtocolVersion, QoS, Will } from '../../packets/packet.js';
import { type ConnackProperties, type ConnectProperties, NO_PROPERTIES } from '../../packets/properties.js';
import { ReasonCode } from '../../packets/reason-code.js';
import { isTopicName } from '../../topics/topic-name.js';
import type { PacketReader } from './packet-reader.js';
import { readProperties } from './read-properties.js';
import { isDefinedReasonCode } from './reason-codes-by-packet.js';

const BRIDGE = 0x80;
const CLEAN_START = 0x02;
const WILL = 0x04;
const WILL_RETAIN = 0x20;
const PASSWORD = 0x40;
const USER_NAME = 0x80;

/** Name and level of CONNECT: the version that everything after them is read and answered in. */
export function decodeProtocol(reader: PacketReader): ProtocolVersion {
  const name = reader.string('protocol name');
  const level = reader.byte();
  if (reader.failure === undefined && (name !== 'MQTT' || (level !== 4 && level !== 5))) {
    reader.fail(ReasonCode.UnsupportedProtocolVersion, `protocol ${JSON.stringify(name.slice(0, 8))} level ${level} (MQTT-3.1.2-1, -2)`);
  }
  // A newer client understands the newer answer, an older one the older. Mosquitto sets the highest bit when it connects as a
  // bridge, and does without after a refusal that it understands.
  return (level & ~BRIDGE) >= 5 ? 5 : 4;
}

/** CONNECT behind its protocol level. */
export function decodeConnect(reader: PacketReader, protocolVersion: ProtocolVersion): Connect {
  const flags = reader.byte();
  if ((flags & 1) !== 0) reader.malformed('reserved connect flag is set (MQTT-3.1.2-3)');
  if (protocolVersion === 4 && (flags & (USER_NAME | PASSWORD)) === PASSWORD) {
    reader.malformed('a password without a user name (v3 MQTT-3.1.2-22)');
  }
  const keepAliveSeconds = reader.uint16();
  const properties = protocolVersion === 5 ? readProperties(reader, 'connect') : NO_PROPERTIES;
  checkAuthentication(reader, properties);
  const clientId = reader.string('client identifier');
  const will = decodeWill(reader, flags, protocolVersion);
  const userName = (flags & USER_NAME) === 0 ? undefined : reader.string('user name');
  const password = (flags & PASSWORD) === 0 ? undefined : reader.ownBinary();
  return {
    type: 'connect',
    protocolVersion,
    clientId,
    cleanStart: (flags & CLEAN_START) !== 0,
    keepAliveSeconds,
    ...(userName === undefined ? {} : { userName }),
    ...(password === undefined ? {} : { password }),
    ...(will === undefined ? {} : { will }),
    properties,
  };
}

function decodeWill(reader: PacketReader, flags: number, version: ProtocolVersion): Will | undefined {
  const qos = (flags >> 3) & 3;
  const retain = (flags & WILL_RETAIN) !== 0;
  if ((flags & WILL) === 0) {
    if (qos !== 0 || retain) reader.malformed('will QoS or will retain without a will (MQTT-3.1.2-11, -13)');
    return undefined;
  }
  if (qos === 3) reader.malformed('will QoS 3 (MQTT-3.1.2-12)');
  const properties = version === 5 ? readProperties(reader, 'will') : NO_PROPERTIES;
  const topic = reader.string('will topic');
  if (reader.failure === undefined && !isTopicName(topic))
    reader.fail(ReasonCode.TopicNameInvalid, 'will topic is empty or has a wildcard');
  const payload = reader.ownBinary();
  return { topic, payload, qos: qos as QoS, retain, properties };
}

function checkAuthentication(reader: PacketReader, properties: ConnectProperties | ConnackProperties): void {
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    reader.protocolError('authentication data without a method');
  }
}

export function decodeConnack(reader: PacketReader, version: ProtocolVersion): Connack {
  const flags = reader.byte();
  if (flags > 1) reader.malformed('reserved acknowledge flags are set (MQTT-3.2.2-1)');
  const reasonCode = reader.byte();
  const defined = version === 5 ? isDefinedReasonCode('connack', reasonCode) : reasonCode <= 5;
  if (!defined) reader.protocolError(`reason code ${reasonCode} is not one of CONNACK`);
  if (flags === 1 && reasonCode !== 0) reader.protocolError('a session is present on a refused connection (MQTT-3.2.2-6)');
  const properties = version === 5 ? readProperties(reader, 'connack') : NO_PROPERTIES;
  checkAuthentication(reader, properties);
  return { type: 'connack', sessionPresent: flags === 1, reasonCode, properties };
}
