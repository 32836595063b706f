import { isDefinedReasonCode } from '../codec/decoding/reason-codes-by-packet.js';
import { ReasonCode } from '../packets/reason-code.js';

/** What the server answers with, as far as it has reason codes to choose from. */
export type Answer = 'connack' | 'puback' | 'pubrec' | 'suback' | 'unsuback' | 'disconnect';

/** What an answer says instead of a code that it lacks: most codes are for what happens to one kind of packet. */
const INSTEAD: Readonly<Record<Answer, { readonly codes?: ReadonlyMap<ReasonCode, ReasonCode>; readonly others: ReasonCode }>> = {
  connack: {
    codes: new Map([
      [ReasonCode.ServerShuttingDown, ReasonCode.ServerUnavailable],
      [ReasonCode.SessionTakenOver, ReasonCode.ServerUnavailable],
      [ReasonCode.AdministrativeAction, ReasonCode.NotAuthorized],
    ]),
    others: ReasonCode.ProtocolError,
  },
  puback: { others: ReasonCode.UnspecifiedError },
  pubrec: { others: ReasonCode.UnspecifiedError },
  suback: { others: ReasonCode.UnspecifiedError },
  unsuback: { others: ReasonCode.UnspecifiedError },
  disconnect: { codes: new Map([[ReasonCode.UnsupportedProtocolVersion, ReasonCode.ProtocolError]]), others: ReasonCode.NotAuthorized },
};

/** One of the answer's own codes for this (MQTT-3.2.2-8, MQTT-3.4.2-1, MQTT-3.5.2-1, MQTT-3.9.3-2, MQTT-3.11.3-2, MQTT-3.14.2-1). */
export function ownCode(answer: Answer, reasonCode: ReasonCode): ReasonCode {
  if (isDefinedReasonCode(answer, reasonCode)) return reasonCode;
  const { codes, others } = INSTEAD[answer];
  return codes?.get(reasonCode) ?? others;
}
