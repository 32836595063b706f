import type { VehicleGroup } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { eq, sql } from 'drizzle-orm';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { isUuid } from '../shared/ids.js';
import { instantText, present } from '../shared/present.js';

const { vehicleGroups, vehicleGroupMembers } = schema;

const columns = {
  id: vehicleGroups.id,
  name: vehicleGroups.name,
  description: vehicleGroups.description,
  createdAt: vehicleGroups.createdAt,
  vehicles: sql<number>`(select count(*)::int from ${vehicleGroupMembers} m where m.group_id = ${vehicleGroups}.id)`,
};

/** Groups with how many members they have; the caller says which, and in what order. */
export const selectGroups = ({ orm }: OrganisationView) => orm.select(columns).from(vehicleGroups).$dynamic();

export type GroupRow = Awaited<ReturnType<typeof selectGroups>>[number];

export function groupOf({ createdAt, ...row }: GroupRow): VehicleGroup {
  return present({ ...row, createdAt: instantText(createdAt) });
}

/** @throws ApiProblem `group_not_found` */
export async function findGroup(view: OrganisationView, id: string): Promise<GroupRow> {
  const [row] = isUuid(id) ? await selectGroups(view).where(eq(vehicleGroups.id, id)) : [];
  return row ?? noSuchGroup(id);
}

export function noSuchGroup(id: string): never {
  throw new ApiProblem(
    'group_not_found',
    `No group of vehicles with the id ${id} is known in this organisation; GET /v1/vehicle-groups lists them.`,
  );
}
