import { type Policy, type PolicySettings, windowWithoutTime } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { eq, type SQL } from 'drizzle-orm';
import type { OrganisationView } from '../database.js';
import { invalidField } from '../problems/problem.js';
import { instantText, present } from '../shared/present.js';

const { alertPolicies, vehicles } = schema;

const columns = {
  id: alertPolicies.id,
  scope: alertPolicies.scope,
  groupId: alertPolicies.groupId,
  vehicleId: vehicles.vehicleId,
  priority: alertPolicies.priority,
  settings: alertPolicies.settings,
  updatedAt: alertPolicies.updatedAt,
  updatedBy: alertPolicies.updatedBy,
};

/** Policies with their vehicles' ids; the caller says which, and in what order. */
export const selectPolicies = ({ orm }: OrganisationView) =>
  orm.select(columns).from(alertPolicies).leftJoin(vehicles, eq(vehicles.id, alertPolicies.vehicle)).$dynamic();

export type PolicyRow = Awaited<ReturnType<typeof selectPolicies>>[number];

export function policyOf({ scope, groupId, vehicleId, priority, settings, updatedAt, updatedBy }: PolicyRow): Policy {
  return {
    ...present({ scope, groupId, vehicleId, priority: scope === 'group' ? priority : null }),
    settings: settings as PolicySettings,
    updatedAt: instantText(updatedAt),
    updatedBy,
  };
}

/** Whom a policy is for, as a row has it. */
export type PolicyTarget =
  | { scope: 'organisation' }
  | { scope: 'group'; groupId: string }
  | { scope: 'vehicle'; vehicle: number; vehicleId: string };

export function ofTarget(target: PolicyTarget): SQL {
  switch (target.scope) {
    case 'organisation':
      return eq(alertPolicies.scope, 'organisation');
    case 'group':
      return eq(alertPolicies.groupId, target.groupId);
    case 'vehicle':
      return eq(alertPolicies.vehicle, target.vehicle);
  }
}

/** What a schema cannot say. @throws ApiProblem `invalid_request` */
export function checkSettings(settings: PolicySettings): void {
  const index = windowWithoutTime(settings);
  if (index !== undefined) throw invalidField(`/settings/maintenanceWindows/${index}/to`, 'must be later than from');
}
