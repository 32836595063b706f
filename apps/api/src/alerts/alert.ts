import type { Alert } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { eq, inArray, sql } from 'drizzle-orm';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { instantText, present } from '../shared/present.js';

const { alerts, vehicles } = schema;

const columns = {
  id: alerts.id,
  vehicle: alerts.vehicle,
  vehicleId: vehicles.vehicleId,
  type: alerts.type,
  status: alerts.status,
  severity: alerts.severity,
  cause: alerts.cause,
  incidentId: alerts.incidentId,
  openedAt: alerts.openedAt,
  acknowledgedAt: alerts.acknowledgedAt,
  acknowledgedBy: alerts.acknowledgedBy,
  note: alerts.note,
  resolvedAt: alerts.resolvedAt,
  outageSeconds: alerts.outageSeconds,
  lastPosition: alerts.lastPosition,
  lastContactAt: alerts.lastContactAt,
  will: alerts.will,
  details: alerts.details,
  notifiedAt: alerts.notifiedAt,
  lastNotifiedAt: alerts.lastNotifiedAt,
};

/** Alerts with their vehicles' ids; the caller says which, and in what order. */
export const selectAlerts = ({ orm }: OrganisationView) =>
  orm.select(columns).from(alerts).leftJoin(vehicles, eq(vehicles.id, alerts.vehicle)).$dynamic();

export type AlertRow = Awaited<ReturnType<typeof selectAlerts>>[number];

/** A position has whatever the vehicle said with it, a will its payload. */
const bytes = sql<number>`bytes_at_most(${alerts.lastPosition}) + bytes_at_most(${alerts.will}) + bytes_at_most(${alerts.details})`;

/** How long alerts are, by which a page of them is cut before one is read; the caller says which, and in what order. */
export const selectAlertSizes = ({ orm }: OrganisationView) =>
  orm.select({ id: alerts.id, openedAt: alerts.openedAt, bytes }).from(alerts).$dynamic();

/** Alerts by their ids, in that order. */
export async function alertsById(view: OrganisationView, ids: readonly string[]): Promise<AlertRow[]> {
  const rows = ids.length === 0 ? [] : await selectAlerts(view).where(inArray(alerts.id, [...ids]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

export function alertOf(row: AlertRow): Alert {
  const { condition, addresses, earlierOutages, deadZone } = row.details as Pick<
    Alert,
    'condition' | 'addresses' | 'earlierOutages' | 'deadZone'
  >;
  return present({
    id: row.id,
    type: row.type as Alert['type'],
    status: row.status,
    severity: row.severity,
    vehicleId: row.vehicleId,
    incidentId: row.incidentId,
    cause: row.cause,
    openedAt: instantText(row.openedAt),
    notifiedAt: instantText(row.notifiedAt),
    lastNotifiedAt: instantText(row.lastNotifiedAt),
    acknowledgedAt: instantText(row.acknowledgedAt),
    acknowledgedBy: row.acknowledgedBy,
    note: row.note,
    resolvedAt: instantText(row.resolvedAt),
    outageSeconds: row.outageSeconds,
    lastPosition: row.lastPosition as Alert['lastPosition'] | null,
    lastContactAt: instantText(row.lastContactAt),
    will: row.will as Alert['will'] | null,
    earlierOutages,
    deadZone,
    condition,
    addresses,
  });
}

export function noSuchAlert(id: string): never {
  throw new ApiProblem('alert_not_found', `No alert with the id ${id} is known in this organisation; GET /v1/alerts lists them.`);
}
