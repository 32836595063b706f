import { isUtf8 } from '../codec/utf8.js';
import type { Connect } from '../packets/packet.js';
import { ReasonCode } from '../packets/reason-code.js';
import type { ConnectionOptions } from './interface/connection-options.js';

export interface Refusal {
  readonly reasonCode: ReasonCode;
  readonly detail: string;
}

/** What is wrong with a well-formed CONNECT, before anybody is asked who sent it. */
export function refusalOf(connect: Connect, options: ConnectionOptions): Refusal | undefined {
  if (connect.protocolVersion === 4 && connect.clientId === '' && !connect.cleanStart) {
    return { reasonCode: ReasonCode.ClientIdentifierNotValid, detail: 'no client identifier with clean session 0 (v3 MQTT-3.1.3-8)' };
  }
  const method = connect.properties.authenticationMethod;
  if (method !== undefined && !options.authenticationMethods.includes(method)) {
    return { reasonCode: ReasonCode.BadAuthenticationMethod, detail: 'authentication method not supported (MQTT-4.12.0-1)' };
  }
  return willRefusalOf(connect, options);
}

function willRefusalOf({ will }: Connect, options: ConnectionOptions): Refusal | undefined {
  if (will === undefined) return undefined;
  if (will.qos > options.maximumQoS) return { reasonCode: ReasonCode.QoSNotSupported, detail: 'will QoS not supported (MQTT-3.2.2-12)' };
  if (will.retain && !options.retainAvailable) {
    return { reasonCode: ReasonCode.RetainNotSupported, detail: 'retained will not supported (MQTT-3.2.2-13)' };
  }
  if (options.checkPayloadFormat && will.properties.payloadFormatIndicator === 1 && !isUtf8(will.payload)) {
    return { reasonCode: ReasonCode.PayloadFormatInvalid, detail: 'the will is announced as UTF-8 and is not' };
  }
  return undefined;
}
