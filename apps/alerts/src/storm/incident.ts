import type { Incident } from '@milepost/contracts';
import type { Announcement } from '../lifecycle/outbox.js';

/** An incident as its row has it. */
export interface IncidentRow {
  id: string;
  organisationId: number;
  scope: Incident['scope'];
  node: string | null;
  openedAt: Date;
  /** Null while nobody was told. */
  notifiedAt: Date | null;
  closedAt: Date | null;
  vehicles: number;
  returned: number;
}

/** What is told of it: that it is open, or that it is over. */
export function incidentAnnouncement(row: IncidentRow): Announcement {
  const incident: Incident = {
    id: row.id,
    scope: row.scope,
    ...(row.node !== null && { node: row.node }),
    status: row.closedAt ? 'closed' : 'open',
    openedAt: row.openedAt.toISOString(),
    ...(row.notifiedAt && { notifiedAt: row.notifiedAt.toISOString() }),
    ...(row.closedAt && { closedAt: row.closedAt.toISOString() }),
    vehicles: row.vehicles,
    returned: row.returned,
  };
  return {
    organisationId: row.organisationId,
    type: row.closedAt ? 'incident.closed' : 'incident.opened',
    at: row.closedAt ?? row.notifiedAt ?? row.openedAt,
    subject: row.id,
    recordKey: row.id,
    data: { incident },
  };
}
