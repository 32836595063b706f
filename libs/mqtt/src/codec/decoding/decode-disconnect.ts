import type { Auth, Disconnect, ProtocolVersion } from '../../packets/packet.js';
import { NO_PROPERTIES } from '../../packets/properties.js';
import type { PacketReader } from './packet-reader.js';
import { readProperties } from './read-properties.js';
import { isDefinedReasonCode } from './reason-codes-by-packet.js';

/** Empty in 3.1.1; reason code 0 and empty properties may be left out in 5.0 (§3.14.2). */
export function decodeDisconnect(reader: PacketReader, version: ProtocolVersion): Disconnect {
  if (version === 4 || reader.remaining === 0) return { type: 'disconnect', reasonCode: 0, properties: NO_PROPERTIES };
  const reasonCode = reader.byte();
  if (!isDefinedReasonCode('disconnect', reasonCode)) reader.protocolError(`reason code ${reasonCode} is not one of DISCONNECT`);
  const properties = reader.remaining > 0 ? readProperties(reader, 'disconnect') : NO_PROPERTIES;
  return { type: 'disconnect', reasonCode, properties };
}

/** Either empty, which is success and nothing else (§3.15.2.1), or with a reason code and properties. */
export function decodeAuth(reader: PacketReader): Auth {
  if (reader.remaining === 0) return { type: 'auth', reasonCode: 0, properties: NO_PROPERTIES };
  const reasonCode = reader.byte();
  if (!isDefinedReasonCode('auth', reasonCode)) reader.protocolError(`reason code ${reasonCode} is not one of AUTH`);
  const properties = readProperties(reader, 'auth');
  if (properties.authenticationMethod === undefined) reader.protocolError('AUTH without an authentication method (§3.15.2.2.2)');
  return { type: 'auth', reasonCode, properties };
}
