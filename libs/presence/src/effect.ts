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

/** What the machine wants done; it does nothing itself. */
export type Effect = OpenAlert | ResolveAlert | AnnotateAlert;
