import type { ProtocolVersion } from './packet.js';
import type { ReasonCode } from './reason-code.js';

/** What a client did against the protocol: a value, never thrown. The first one ends its connection. */
export interface ProtocolError {
  readonly type: 'protocol-error';
  readonly reasonCode: ReasonCode;
  /** For logs: what was wrong, with the statement it broke where there is one. */
  readonly detail: string;
  /** The version to answer in; undefined while the client has not told it. */
  readonly protocolVersion: ProtocolVersion | undefined;
}
