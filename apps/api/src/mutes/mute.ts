import type { Mute } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { and, desc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm';
import type { OrganisationView } from '../database.js';
import { instantText, present } from '../shared/present.js';

const { alertMutes, vehicleGroupMembers, vehicles } = schema;

/** Mutes shown with a policy. */
const maxShown = 100;

const columns = {
  id: alertMutes.id,
  scope: alertMutes.scope,
  groupId: alertMutes.groupId,
  vehicleId: vehicles.vehicleId,
  types: alertMutes.types,
  alertId: alertMutes.alertId,
  startsAt: alertMutes.startsAt,
  endsAt: alertMutes.endsAt,
  reason: alertMutes.reason,
  createdAt: alertMutes.createdAt,
  createdBy: alertMutes.createdBy,
};

/** Mutes with their vehicles' ids; the caller says which, and in what order. */
export const selectMutes = ({ orm }: OrganisationView) =>
  orm.select(columns).from(alertMutes).leftJoin(vehicles, eq(vehicles.id, alertMutes.vehicle)).$dynamic();

export type MuteRow = Awaited<ReturnType<typeof selectMutes>>[number];

export const notOver = () => or(isNull(alertMutes.endsAt), gt(alertMutes.endsAt, sql`now()`));

export function muteOf({ startsAt, endsAt, createdAt, types, ...row }: MuteRow): Mute {
  return present({
    ...row,
    types: types as Mute['types'] | null,
    from: instantText(startsAt),
    until: instantText(endsAt),
    createdAt: instantText(createdAt),
  });
}

/** Those that mean the vehicle, its groups or the organisation, now or later; the newest first. */
export async function mutesOfVehicle(view: OrganisationView, vehicle: number): Promise<Mute[]> {
  const groups = view.orm
    .select({ id: vehicleGroupMembers.groupId })
    .from(vehicleGroupMembers)
    .where(eq(vehicleGroupMembers.vehicle, vehicle));
  const rows = await selectMutes(view)
    .where(and(notOver(), or(eq(alertMutes.scope, 'organisation'), eq(alertMutes.vehicle, vehicle), inArray(alertMutes.groupId, groups))))
    .orderBy(desc(alertMutes.id))
    .limit(maxShown);
  return rows.map(muteOf);
}
