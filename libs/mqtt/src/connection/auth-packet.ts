import type { Auth } from '../packets/packet.js';
import { isFailure, ReasonCode } from '../packets/reason-code.js';

/** AUTH of the server (MQTT 5.0 §3.15): a failure is told in CONNACK or DISCONNECT, never here. */
export function authPacket(reasonCode: ReasonCode, authenticationMethod: string, data: Buffer | undefined): Auth {
  const properties = { authenticationMethod, ...(data !== undefined && { authenticationData: data }) };
  return { type: 'auth', reasonCode: isFailure(reasonCode) ? ReasonCode.Success : reasonCode, properties };
}
