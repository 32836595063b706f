import type { VehicleGroup } from '@milepost/contracts';
import type { ApiClient } from './api-client.js';

/** Names of the groups of the key's organisation by their ids; asked for only when one is needed. */
export async function groupNames(api: ApiClient, ids: readonly (string | undefined)[]): Promise<ReadonlyMap<string, string>> {
  if (ids.every((id) => id === undefined)) return new Map();
  const groups = await api.all<VehicleGroup>('/v1/vehicle-groups');
  return new Map(groups.map(({ id, name }) => [id, name]));
}
