import type { AlertSeverity, AlertType } from '@milepost/contracts';
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

/** What the machine wants done; it does nothing itself. */
export type Effect = OpenAlert | ResolveAlert | AnnotateAlert | TellAlert;
