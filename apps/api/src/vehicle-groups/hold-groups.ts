import { advisoryLocks } from '@milepost/database';
import { sql } from 'drizzle-orm';
import type { OrganisationView } from '../database.js';

/**
 * Until the transaction ends no group is deleted and none gains or loses a vehicle: one that was found is there when something is said of it. To be called
 * before any row is locked, in the order of the triggers that take the same locks (migrations/0017_changes_in_order.sql): two could wait for each other otherwise.
 */
export async function holdGroups({ orm }: OrganisationView): Promise<void> {
  await orm.execute(sql`select pg_advisory_xact_lock(${advisoryLocks.fenceChange})`);
  await orm.execute(sql`select pg_advisory_xact_lock(${advisoryLocks.policyChange})`);
}
