import type { AlertSeverity, AlertType, Condition, DisconnectCause } from '@milepost/contracts';
import type { Will } from './state/connection.js';

export interface OpenAlert {
  kind: 'open_alert';
  vehicle: number;
  vehicleId: string;
  organisationId: number;
  type: AlertType;
  /** Which of its type, where a vehicle may have several: the code, the geofence. */
  key?: string;
  severity: AlertSeverity;
  cause?: string;
  /** Log time. */
  openedAtMs: number;
  /** Since when what it is about lasts, in time of the partition's clock. */
  sinceMs: number;
  will?: Will;
  incidentId?: string;
  addresses?: string[];
  /** What it is about, of conditions. */
  condition?: Condition;
  /** How long after its deadline, in ms of the partition's clock. */
  latenessMs: number;
}

/** The open alert of this type and key, if there is one: a vehicle has at most one of each. */
export interface ResolveAlert {
  kind: 'resolve_alert';
  vehicle: number;
  vehicleId: string;
  type: AlertType;
  key?: string;
  resolvedAtMs: number;
  outageSeconds?: number;
}

/** What became known about an open alert afterwards. It is no transition and nobody is told. */
export interface AnnotateAlert {
  kind: 'annotate_alert';
  vehicle: number;
  type: AlertType;
  key?: string;
  will?: Will;
  addresses?: string[];
  condition?: Condition;
}

/** The open alert became worse: it is open again, whoever looked after it, for the sake of being told. */
export interface RaiseAlert {
  kind: 'raise_alert';
  vehicle: number;
  vehicleId: string;
  type: AlertType;
  key: string;
  severity: AlertSeverity;
  condition: Condition;
  atMs: number;
}

/** Somebody is to be told of the open alert of this type, unless somebody looks after it already. */
export interface TellAlert {
  kind: 'tell_alert';
  vehicle: number;
  vehicleId: string;
  type: AlertType;
  key?: string;
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
export type AlertEffect = OpenAlert | ResolveAlert | AnnotateAlert | RaiseAlert | TellAlert;

/** What the machine wants done; it does nothing itself. */
export type Effect = AlertEffect | LoseContact | RegainContact;
