import { schema, sql } from '@milepost/database';
import { type NumberedChange, PolicyBook, type PolicyChange } from '@milepost/presence';
import { eq } from 'drizzle-orm';
import type { OrganisationView } from '../database.js';

const { vehicleGroupMembers } = schema;
const policyFacts = sql('api/policy-facts');

/** What the machine would have of policies, as far as it concerns one vehicle. */
export async function bookOfVehicle(view: OrganisationView, vehicle: number): Promise<PolicyBook> {
  const members = await view.orm
    .select({ groupId: vehicleGroupMembers.groupId })
    .from(vehicleGroupMembers)
    .where(eq(vehicleGroupMembers.vehicle, vehicle));
  const groups = members.map(({ groupId }) => groupId);
  const facts = await view.rows<{ change: PolicyChange }>(policyFacts, [vehicle, groups]);
  const changes = [
    ...groups.map((groupId): PolicyChange => ({ kind: 'member', groupId, vehicle, member: true })),
    ...facts.map(({ change }) => change),
  ];
  return PolicyBook.empty.with(changes.map((change, index): NumberedChange => ({ id: index + 1, change })));
}
