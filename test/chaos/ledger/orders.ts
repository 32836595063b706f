import type { Audit, AuditOrder } from './audit.js';
import type { PoisonOutcome } from './poison.js';
import type { Stall } from './stalls.js';
import type { VehicleIdentity } from './vehicle-identity.js';

export interface StartOrder {
  /** Where the vehicles find the broker. */
  mqttPort: number;
  caPem: string;
  vehicles: VehicleIdentity[];
  /** Made by the ledger; must not exist. */
  journalFile: string;
  /** Messages a second, of all vehicles together. */
  rate: number;
}

/** What the run asks of its ledger, and what it gets. */
export interface Orders {
  /** Resolves when all vehicles are connected and publish. */
  start(order: StartOrder): { webhookUrl: string };
  /** The secret of the webhook that was registered for `webhookUrl`. */
  expectWebhooks(order: { secret: string }): undefined;
  /** The fault is over: which vehicles are acknowledged something is counted from here, of which this is the first count. */
  lifted(): Progress;
  /** Their networks are gone until `bringBack`. */
  takeAway(order: { vehicles: string[] }): undefined;
  /** Does not wait until they are connected. */
  bringBack(order: { vehicles: string[] }): undefined;
  /** Every n-th vehicle's clock is off by so much from now on. */
  stepClocks(order: { everyNth: number; offsetMs: number }): undefined;
  /** The network before the vehicles stood still. */
  stalled(order: Stall): undefined;
  /** A vehicle that nobody has heard of: connects, publishes a little, stays. */
  join(order: { identity: VehicleIdentity }): undefined;
  /** Records that are written past the broker, and must become dead letters with this fault. */
  expectLetters(order: { letters: { vehicleId: string; hash: string; fault: string }[] }): undefined;
  /** One vehicle sends one message of every kind that must not be stored, each stranger one that is refused for who it is. */
  poison(order: { identity: VehicleIdentity; round: number; strangers: { identity: VehicleIdentity; fault: string }[] }): PoisonOutcome;
  /** No new messages. Resolves with the number of messages that were not acknowledged in time. */
  drain(order: { timeoutMs: number }): { unacknowledged: number };
  /** Compares the journal with Postgres. */
  audit(order: AuditOrder): Audit;
  /** Everybody says goodbye. */
  end(): undefined;
}

export type OrderName = keyof Orders;
export type OrderOf<Name extends OrderName> = Parameters<Orders[Name]>[0];
export type AnswerTo<Name extends OrderName> = ReturnType<Orders[Name]>;

export type ToLedger = { id: number; name: OrderName; order: unknown };
export type FromLedger =
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'failed'; id: number; message: string }
  | { kind: 'progress'; progress: Progress };

/** Told many times a second. */
export interface Progress {
  acknowledged: number;
  lastAcknowledgedAt: number;
  /** Times without one acknowledgement that ended since the last report. */
  stalls: { from: number; to: number }[];
  /** Vehicles that are not taken away … */
  expected: number;
  /** … and those of them that were acknowledged something that they published after `lifted`. */
  flowing: number;
}
