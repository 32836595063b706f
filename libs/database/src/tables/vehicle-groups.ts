import { maxVehicleGroups } from '@milepost/contracts';
import type { Pool } from 'pg';
import { advisoryLocks } from '../advisory-locks.js';
import { sql } from '../statements/sql.js';
import { withTransaction } from '../statements/transaction.js';
import { type GroupUses, groupUsesInWords } from './group-uses.js';

const create = sql('groups/create');
const list = sql('groups/list');
const add = sql('groups/add');
const remove = sql('groups/remove');
const known = sql('groups/known');
const named = sql('groups/named');
const uses = sql('groups/uses');

export interface GroupEntry {
  organisation: string;
  name: string;
  description: string | null;
  id: string;
  vehicles: number;
}

/** A group by its name, and vehicles. */
export interface Membership {
  organisation: string;
  group: string;
  vehicleIds: string[];
}

/** What there is of what was named. */
export interface KnownOfAddress {
  organisation: boolean;
  group: boolean;
  vehicleIds: string[];
}

/** As the owner: for whoever is to say why something was not done. */
export async function knownOf(
  owner: Pool,
  { organisation, group, vehicleIds = [] }: { organisation: string; group?: string; vehicleIds?: string[] },
): Promise<KnownOfAddress> {
  const { rows } = await owner.query<KnownOfAddress>({ ...known, values: [organisation, group ?? null, vehicleIds] });
  return rows[0] ?? { organisation: false, group: false, vehicleIds: [] };
}

/** As the owner. Undefined when there is a group of that name, no such organisation, or no room for another. */
export async function createVehicleGroup(
  owner: Pool,
  { organisation, name, description }: { organisation: string; name: string; description?: string },
): Promise<string | undefined> {
  const { rows } = await owner.query<{ id: string }>({ ...create, values: [organisation, name, description ?? null, maxVehicleGroups] });
  return rows[0]?.id;
}

/** As the owner. */
export async function listVehicleGroups(owner: Pool): Promise<GroupEntry[]> {
  return (await owner.query<GroupEntry>(list)).rows;
}

/** As the owner. @returns those of the vehicles that are members now: the others, or the group, do not exist. */
export async function addToVehicleGroup(owner: Pool, { organisation, group, vehicleIds }: Membership): Promise<string[]> {
  const { rows } = await owner.query<{ vehicleId: string }>({ ...add, values: [organisation, group, vehicleIds] });
  return rows.map(({ vehicleId }) => vehicleId);
}

/** As the owner. @returns those of the vehicles that were members. */
export async function removeFromVehicleGroup(owner: Pool, { organisation, group, vehicleIds }: Membership): Promise<string[]> {
  const { rows } = await owner.query<{ vehicleId: string }>({ ...remove, values: [organisation, group, vehicleIds] });
  return rows.map(({ vehicleId }) => vehicleId);
}

export type GroupDeletion = { kind: 'deleted' } | { kind: 'unknown' } | { kind: 'in_use'; by: string };

/** As the owner. @param force also what something refers to: policy, mutes and geofences go with it, and webhooks match nothing by it. */
export function deleteVehicleGroup(
  owner: Pool,
  { organisation, name, force }: { organisation: string; name: string; force: boolean },
): Promise<GroupDeletion> {
  return withTransaction(owner, async (client) => {
    // In the order of the triggers that take them: what is said of the group meanwhile waits.
    for (const lock of [advisoryLocks.fenceChange, advisoryLocks.policyChange])
      await client.query('select pg_advisory_xact_lock($1)', [lock]);
    const [group] = (await client.query<{ id: string }>({ ...named, values: [organisation, name] })).rows;
    if (group === undefined) return { kind: 'unknown' };
    const [found] = (await client.query<GroupUses>({ ...uses, values: [group.id] })).rows;
    const by = found && groupUsesInWords(found);
    if (by !== undefined && !force) return { kind: 'in_use', by };
    await client.query('delete from vehicle_groups where id = $1', [group.id]);
    return { kind: 'deleted' };
  });
}
