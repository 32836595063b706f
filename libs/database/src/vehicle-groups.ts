import { maxVehicleGroups } from '@milepost/contracts';
import type { Pool } from 'pg';
import { sql } from './sql.js';

const create = sql('groups/create');
const list = sql('groups/list');
const add = sql('groups/add');
const remove = sql('groups/remove');
const known = sql('groups/known');

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
