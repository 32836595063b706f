import type { AnnouncedWill, RefusalReason } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import type { Connect, ConnectionEnd, ReasonCode, ServerCloseCause } from '@milepost/mqtt';
import type { Access } from './access.js';
import type { ClientKind } from './client-key.js';

/** Why a CONNECT is refused: what the client is told, and what is on record. */
export interface ConnectRefusal {
  readonly reasonCode: ReasonCode;
  readonly reason: RefusalReason;
  readonly detail: string;
}

export type Admittance = { readonly ok: true; readonly access: Access } | ({ readonly ok: false } & ConnectRefusal);

/** Why a connection may not stay any longer. */
export interface Dismissal {
  readonly reason: RefusalReason;
  readonly cause: ServerCloseCause;
  readonly reasonCode: ReasonCode;
  readonly detail: string;
}

/** A door's part of one connection: it knows who is outside, and keeps the records that are particular to its clients. */
export interface Gate {
  /** Who comes in by it: each kind has a share of its own of what all of them use. */
  readonly kind: ClientKind;
  /** The peer, without its port. */
  readonly address: string;
  /** For logs: who it is, as far as that is known. */
  readonly who: Readonly<Record<string, string | undefined>>;
  /** From then on the connection may not stay (ms since the epoch). */
  readonly validUntilMs: number;
  /** Who sent this CONNECT? */
  admit(connect: Connect): Admittance | Promise<Admittance>;
  /** Puts the connection on record; CONNACK waits for it. `sessionExpirySeconds`: as agreed. */
  announce(connect: Connect, sessionExpirySeconds: number): Promise<AppendOutcome>;
  /** `announce` was called: the connection is on record, or about to be, and its end will be. */
  readonly announced: boolean;
  /** Another node has the client by now. */
  readonly replaced: boolean;
  /** An announced connection has ended. */
  departed(end: ConnectionEnd): void;
  /** Its will is being published. */
  willPublished(will: Pick<AnnouncedWill, 'topic' | 'payloadBase64'>): void;
  /** An attempt ended here. */
  report(reason: RefusalReason, detail: string): void;
  /** After what the door trusts has changed, and from time to time: may the client still be here? `subscribed`: the filters of its session. */
  recheck(now: Date, subscribed: Iterable<string>): Dismissal | undefined;
}
