import type { AlertSeverity, AlertType, DisconnectCause } from '@milepost/contracts';
import type { Will } from './connection.js';

export interface OpenAlert {
  kind: 'open_alert';
  vehicle: number;
  vehicleId: string;
  organisationId: number;
  type: AlertType;
  severity: AlertSeverity;
  cause?: string;
  /** Log time. */
  openedAtMs: number;
  /** Since when what it is about lasts, in time of the partition's clock. */
  sinceMs: number;
  will?: Will;
  incidentId?: string;
  addresses?: string[];
  /** How long after its deadline, in ms of the partition's clock. */
  latenessMs: number;
}

/** The open alert of this type, if there is one: a vehicle has at most one of each. */
export interface ResolveAlert {
  kind: 'resolve_alert';
  vehicle: number;
  vehicleId: string;
  type: AlertType;
  resolvedAtMs: number;
  outageSeconds?: number;
}

/** What became known about an open alert afterwards. It is no transition and nobody is told. */
export interface AnnotateAlert {
  kind: 'annotate_alert';
  vehicle: number;
  type: AlertType;
  will?: Will;
  addresses?: string[];
}

/** Somebody is to be told of the open alert of this type, unless somebody looks after it already. */
export interface TellAlert {
  kind: 'tell_alert';
  vehicle: number;
  vehicleId: string;
  type: AlertType;
  /** Log time. */
  atMs: number;
  /** It was told before. */
  again: boolean;
}

/** Contact was lost for the vehicle's or its place's reasons, whether or not it becomes an alert. */
export interface LoseContact {
  kind: 'lose_contact';
  vehicle: number;
  vehicleId: string;
  organisationId: number;
  cause: DisconnectCause;
  /** Log time. */
  atMs: number;
}

export interface RegainContact {
  kind: 'regain_contact';
  vehicle: number;
  vehicleId: string;
  /** Log time of the loss. */
  lostAtMs: number;
  atMs: number;
}

/** Effects that an alert is touched by. */
export type AlertEffect = OpenAlert | ResolveAlert | AnnotateAlert | TellAlert;

/** What the machine wants done; it does nothing itself. */
export type Effect = AlertEffect | LoseContact | RegainContact;
