import type { Incident } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { eq } from 'drizzle-orm';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { isUuid } from '../shared/ids.js';
import { instantText, present } from '../shared/present.js';

const { incidents } = schema;

const columns = {
  id: incidents.id,
  scope: incidents.scope,
  node: incidents.node,
  openedAt: incidents.openedAt,
  notifiedAt: incidents.notifiedAt,
  closedAt: incidents.closedAt,
  vehicles: incidents.vehicles,
  returned: incidents.returned,
};

/** Incidents; the caller says which, and in what order. */
export const selectIncidents = ({ orm }: OrganisationView) => orm.select(columns).from(incidents).$dynamic();

export type IncidentRow = Awaited<ReturnType<typeof selectIncidents>>[number];

export function incidentOf({ openedAt, notifiedAt, closedAt, ...row }: IncidentRow): Incident {
  return present({
    ...row,
    status: closedAt === null ? ('open' as const) : ('closed' as const),
    openedAt: instantText(openedAt),
    notifiedAt: instantText(notifiedAt),
    closedAt: instantText(closedAt),
  });
}

/** @throws ApiProblem `incident_not_found` */
export async function findIncident(view: OrganisationView, id: string): Promise<IncidentRow> {
  const [row] = isUuid(id) ? await selectIncidents(view).where(eq(incidents.id, id)) : [];
  if (row !== undefined) return row;
  throw new ApiProblem('incident_not_found', `No incident with the id ${id} is known in this organisation; GET /v1/incidents lists them.`);
}
