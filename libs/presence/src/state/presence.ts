import type { DisconnectCause } from '@milepost/contracts';
import type { Will } from './connection.js';

/** What operations were told of a vehicle that stayed away. */
export type Notice =
  | { kind: 'alert' }
  /** Member of an incident: no alert of its own while that is open. */
  | { kind: 'incident'; incidentId: string }
  /** A `misconfigured` alert speaks for it. */
  | { kind: 'misconfigured' };

/** How and when contact was lost. Times are log time. */
export interface Loss {
  sinceMs: number;
  cause: DisconnectCause;
  node: string;
  connectionId: string;
  /** When it was noticed, by the partition's clock. */
  lostClockMs: number;
  will?: Will;
}

export interface Suspect extends Loss {
  kind: 'suspect';
  /** Time of the partition's clock. */
  dueAtMs: number;
  /** No storm guard: `revoked` and `certificate_expired` say for certain that the vehicle is out. */
  atOnce: boolean;
  /** Steady time (`steadyTimeOf`) at which the deadline fell due; held until every partition is consumed to it. */
  fellDueAtMs?: number;
  /** Others lost contact near there lately: the longer grace of the policy holds. */
  inDeadZone?: true;
}

export interface Offline extends Loss {
  kind: 'offline';
  notice: Notice;
}

export interface Parked {
  kind: 'parked';
  sinceMs: number;
  cause: DisconnectCause;
}

/** Never seen connected, as far as the log tells. */
export interface Unknown {
  kind: 'unknown';
  sinceMs: number;
}

/** No connection is open. */
export type Away = Unknown | Parked | Suspect | Offline;

/** What the vehicle falls back to when the connections that are open now turn out never to have been established. */
export interface Rest {
  away: Away;
  /** Connections opened at this offset or later clear it, once they are proved. */
  atOffset: number;
  /** Of the connection whose end it is; absent where it is what the vehicle was before. */
  order?: number;
  /** Clock time. A connection that is still open long after it needs no other proof. */
  clockMs: number;
}

export interface Online {
  kind: 'online';
  sinceMs: number;
  rest?: Rest;
}

export type Presence = Online | Away;

/** Contact was lost where the vehicle was: not at the broker, not because somebody put it out or it sent what nobody may, and it did not take its leave. */
export function isOfPlace(away: Away): away is Suspect | Offline {
  return (away.kind === 'suspect' || away.kind === 'offline') && !elsewhere.has(away.cause);
}

const elsewhere: ReadonlySet<DisconnectCause> = new Set([
  'server_shutdown',
  'node_lost',
  'revoked',
  'certificate_expired',
  'client_disconnect',
  'protocol_error',
  'refused_publish',
  'taken_over',
  'not_established',
]);
