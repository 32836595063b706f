import type { Will } from '../../packets/packet.js';
import type { ReasonCode } from '../../packets/reason-code.js';

/** Why a connection ended, in the words of the `disconnected` presence record. `node_lost` is never known here. */
export type EndCause =
  | 'client_disconnect'
  | 'client_disconnect_with_will'
  | 'keepalive_timeout'
  | 'network_error'
  | 'protocol_error'
  | 'refused_publish'
  | 'taken_over'
  | 'revoked'
  | 'certificate_expired'
  | 'server_shutdown'
  | 'not_established';

/** What becomes of the will (MQTT-3.1.2-8, MQTT-3.1.3-9). */
export type WillFate =
  | { readonly kind: 'none' }
  /** `delaySeconds` 0: now. Later: unless the session is resumed before. */
  | { readonly kind: 'publish'; readonly will: Will; readonly delaySeconds: number }
  /** Ended by our own shutdown: kept, not published (3.1.2.5). */
  | { readonly kind: 'deferred'; readonly will: Will };

export interface ConnectionEnd {
  readonly cause: EndCause;
  /** The code that was sent or received, or would have been were this MQTT 5. */
  readonly reasonCode: ReasonCode;
  /** One sentence for the log. */
  readonly detail: string;
  /** True once CONNACK with success was sent. */
  readonly established: boolean;
  readonly will: WillFate;
  /** How long the session outlives the connection; 0: it ended with it. */
  readonly sessionExpirySeconds: number;
}

/** The causes a broker may close a connection for, with the code that MQTT 5 clients are told. */
export type ServerCloseCause = Extract<EndCause, 'taken_over' | 'revoked' | 'certificate_expired' | 'server_shutdown' | 'network_error'>;

export const NO_WILL: WillFate = { kind: 'none' };

/** What becomes of a connection's will when it ends for that cause. */
export function fateOf(will: Will | undefined, cause: EndCause, sessionExpirySeconds: number): WillFate {
  if (will === undefined || cause === 'client_disconnect') return NO_WILL;
  if (cause === 'server_shutdown') return { kind: 'deferred', will };
  // MQTT-3.1.3-9: at the delay or at the session's end, whichever is earlier.
  return { kind: 'publish', will, delaySeconds: Math.min(will.properties.willDelayInterval ?? 0, sessionExpirySeconds) };
}
