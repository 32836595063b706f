import type { RefusalReason } from '@milepost/contracts';
import { ReasonCode } from '@milepost/mqtt';

const REFUSALS_OF_ENGINE: ReadonlyMap<number, RefusalReason> = new Map([
  [ReasonCode.UnsupportedProtocolVersion, 'protocol_version'],
  [ReasonCode.ClientIdentifierNotValid, 'client_id_mismatch'],
  [ReasonCode.MalformedPacket, 'malformed_connect'],
  [ReasonCode.ProtocolError, 'malformed_connect'],
  [ReasonCode.PacketTooLarge, 'malformed_connect'],
  [ReasonCode.TopicNameInvalid, 'malformed_connect'],
  [ReasonCode.PayloadFormatInvalid, 'malformed_connect'],
  [ReasonCode.BadAuthenticationMethod, 'malformed_connect'],
  [ReasonCode.MaximumConnectTime, 'malformed_connect'],
]);

const REASON_NAMES = new Map<number, string>(Object.entries(ReasonCode).map(([name, code]) => [code, name]));

/** Under which reason a CONNECT stands on record that the engine refused with this code; undefined: not a refusal. */
export function refusalReasonOf(reasonCode: number): RefusalReason | undefined {
  return REFUSALS_OF_ENGINE.get(reasonCode);
}

/** For logs and metrics. */
export function reasonName(reasonCode: number): string {
  return REASON_NAMES.get(reasonCode) ?? `0x${reasonCode.toString(16)}`;
}
