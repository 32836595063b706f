import type { Alert } from '@milepost/contracts';

/** A row of `alerts`, as `returning *` gives it. */
export interface AlertRow {
  id: string;
  organisation_id: number;
  vehicle: number;
  type: Alert['type'];
  /** Which of its type. */
  key: string;
  status: Alert['status'];
  severity: Alert['severity'];
  cause: string | null;
  incident_id: string | null;
  opened_at: Date;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  note: string | null;
  resolved_at: Date | null;
  outage_seconds: number | null;
  last_position: Alert['lastPosition'] | null;
  last_contact_at: Date | null;
  will: Alert['will'] | null;
  notified_at: Date | null;
  last_notified_at: Date | null;
  details: Pick<Alert, 'condition' | 'addresses' | 'earlierOutages' | 'deadZone'>;
}

/** The alert as events and the API show it. */
export function alertOf(row: AlertRow, vehicleId: string): Alert {
  return {
    id: row.id,
    type: row.type,
    status: row.status,
    severity: row.severity,
    vehicleId,
    ...(row.incident_id !== null && { incidentId: row.incident_id }),
    ...(row.cause !== null && { cause: row.cause }),
    openedAt: row.opened_at.toISOString(),
    ...(row.notified_at && { notifiedAt: row.notified_at.toISOString() }),
    ...(row.last_notified_at && { lastNotifiedAt: row.last_notified_at.toISOString() }),
    ...(row.acknowledged_at && { acknowledgedAt: row.acknowledged_at.toISOString() }),
    ...(row.acknowledged_by !== null && { acknowledgedBy: row.acknowledged_by }),
    ...(row.note !== null && { note: row.note }),
    ...(row.resolved_at && { resolvedAt: row.resolved_at.toISOString() }),
    ...(row.outage_seconds !== null && { outageSeconds: row.outage_seconds }),
    ...(row.last_position && { lastPosition: row.last_position }),
    ...(row.last_contact_at && { lastContactAt: row.last_contact_at.toISOString() }),
    ...(row.will && { will: row.will }),
    ...row.details,
  };
}
