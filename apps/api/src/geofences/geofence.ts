import type { Geofence, GeofenceShape } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { shapeFaults } from '@milepost/presence';
import { eq, sql } from 'drizzle-orm';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { isUuid } from '../shared/ids.js';
import { instantText, present } from '../shared/present.js';

const { geofences } = schema;

export const geofenceColumns = {
  id: geofences.id,
  name: geofences.name,
  description: geofences.description,
  shape: geofences.shape,
  alertOn: geofences.alertOn,
  enabled: geofences.enabled,
  groupId: geofences.groupId,
  createdAt: geofences.createdAt,
  updatedAt: geofences.updatedAt,
};

/** Geofences; the caller says which, and in what order. */
export const selectGeofences = ({ orm }: OrganisationView) => orm.select(geofenceColumns).from(geofences).$dynamic();

export type GeofenceRow = Awaited<ReturnType<typeof selectGeofences>>[number];

export function geofenceOf({ shape, createdAt, updatedAt, ...row }: GeofenceRow): Geofence {
  return present({ ...row, shape: shape as GeofenceShape, createdAt: instantText(createdAt), updatedAt: instantText(updatedAt) });
}

/** Names are given one at a time in an organisation, and fences counted: two at once would see the same. */
export async function lockGeofences({ orm }: OrganisationView, organisationId: number): Promise<void> {
  await orm.execute(sql`select pg_advisory_xact_lock(hashtext('milepost.geofences'), ${organisationId})`);
}

/** @throws ApiProblem `geofence_not_found` */
export async function findGeofence(view: OrganisationView, id: string): Promise<GeofenceRow> {
  const [row] = isUuid(id) ? await selectGeofences(view).where(eq(geofences.id, id)) : [];
  return row ?? noSuchGeofence(id);
}

export function noSuchGeofence(id: string): never {
  throw new ApiProblem('geofence_not_found', `No geofence with the id ${id} is known in this organisation; GET /v1/geofences lists them.`);
}

export function geofenceExists(name: string): never {
  throw new ApiProblem(
    'geofence_exists',
    `A geofence of this organisation is called "${name}" already. Choose another name, or change that geofence (PATCH).`,
  );
}

/** @throws ApiProblem `invalid_request` with each fault of the shape. */
export function refuseUnusableShape(shape: GeofenceShape): void {
  const faults = shapeFaults(shape);
  const [first] = faults;
  if (first === undefined) return;
  const errors = faults.map(({ code, pointer, message }) => ({ pointer: `/shape${pointer}`, code, message }));
  throw new ApiProblem('invalid_request', `body /shape${first.pointer}: ${first.message}`, { errors });
}
