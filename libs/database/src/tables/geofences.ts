import { type GeofenceCrossing, type GeofenceShape, maxGeofences } from '@milepost/contracts';
import type { Pool } from 'pg';
import { sql } from '../statements/sql.js';

const add = sql('geofences/add');
const list = sql('geofences/list');
const remove = sql('geofences/remove');

export interface NewGeofence {
  organisation: string;
  name: string;
  description?: string;
  shape: GeofenceShape;
  alertOn: GeofenceCrossing;
  /** By its name; of all vehicles unless given. */
  group?: string;
}

export interface GeofenceEntry {
  organisation: string;
  name: string;
  id: string;
  shape: GeofenceShape;
  alertOn: GeofenceCrossing;
  enabled: boolean;
  group: string | null;
  description: string | null;
}

/** As the owner. Undefined when there is a geofence of that name, no such organisation or group, or no room for another. */
export async function addGeofence(owner: Pool, fence: NewGeofence): Promise<string | undefined> {
  const { organisation, name, description, shape, alertOn, group } = fence;
  const values = [organisation, name, description ?? null, JSON.stringify(shape), alertOn, group ?? null, maxGeofences];
  const { rows } = await owner.query<{ id: string }>({ ...add, values });
  return rows[0]?.id;
}

/** As the owner. */
export async function listGeofences(owner: Pool): Promise<GeofenceEntry[]> {
  return (await owner.query<GeofenceEntry>(list)).rows;
}

/** As the owner. @returns false when there is no geofence of that name. */
export async function removeGeofence(owner: Pool, { organisation, name }: { organisation: string; name: string }): Promise<boolean> {
  return (await owner.query({ ...remove, values: [organisation, name] })).rows.length > 0;
}
