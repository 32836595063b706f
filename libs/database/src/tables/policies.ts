import type { PolicySettings } from '@milepost/contracts';
import type { Pool } from 'pg';
import { sql } from '../statements/sql.js';

const save = sql('policies/save');
const remove = sql('policies/delete');
const list = sql('policies/list');
const changes = sql('alerts/policies/policy-changes');

const CHANGES = 10_000;

/** Whom a policy is for: the organisation, unless a group or a vehicle of it is named. */
export interface PolicyAddress {
  organisation: string;
  group?: string;
  vehicleId?: string;
}

export interface PolicyEntry {
  organisation: string;
  scope: 'organisation' | 'group' | 'vehicle';
  group: string | null;
  vehicleId: string | null;
  priority: number;
  settings: PolicySettings;
  updatedAt: Date;
  updatedBy: string;
}

/** As the owner. @returns false when there is no such organisation, group or vehicle. */
export async function savePolicy(
  owner: Pool,
  { organisation, group, vehicleId }: PolicyAddress,
  { settings, priority = 0, actor }: { settings: PolicySettings; priority?: number; actor: string },
): Promise<boolean> {
  const values = [organisation, group ?? null, vehicleId ?? null, priority, JSON.stringify(settings), actor];
  return (await owner.query({ ...save, values })).rows.length > 0;
}

/** As the owner. @returns false when nothing was said there. */
export async function deletePolicy(owner: Pool, { organisation, group, vehicleId }: PolicyAddress): Promise<boolean> {
  return (await owner.query({ ...remove, values: [organisation, group ?? null, vehicleId ?? null] })).rows.length > 0;
}

/** As the owner. */
export async function listPolicies(owner: Pool): Promise<PolicyEntry[]> {
  return (await owner.query<PolicyEntry>(list)).rows;
}

/** Changes of policies behind a number, in their order; all of them. `C` is what libs/presence makes of one. */
export async function readPolicyChanges<C>(pool: Pool, after = 0): Promise<{ id: number; change: C }[]> {
  const read: { id: number; change: C }[] = [];
  for (let from = after; ; from = read.at(-1)?.id ?? from) {
    const { rows } = await pool.query<{ id: number; change: C }>({ ...changes, values: [from, CHANGES] });
    read.push(...rows);
    if (rows.length < CHANGES) return read;
  }
}
