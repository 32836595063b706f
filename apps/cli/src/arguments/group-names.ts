import type { VehicleGroup } from '@milepost/contracts';
import { CliError } from '../cli-error.js';
import type { ApiClient } from '../reaching/api-client.js';

/** Names of the groups of the key's organisation by their ids; asked for only when one is needed. */
export async function groupNames(api: ApiClient, ids: readonly (string | undefined)[]): Promise<ReadonlyMap<string, string>> {
  if (ids.every((id) => id === undefined)) return new Map();
  const groups = await api.all<VehicleGroup>('/v1/vehicle-groups');
  return new Map(groups.map(({ id, name }) => [id, name]));
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Ids of groups that were named; who has an id at hand may give that too. @throws CliError naming the first that is none. */
export async function groupIds(api: Pick<ApiClient, 'all'>, given: readonly string[]): Promise<string[]> {
  // Ids are for the API to judge: a key that may write webhooks need not be one that may read groups.
  if (given.every((text) => uuid.test(text))) return [...given];
  const groups = await api.all<VehicleGroup>('/v1/vehicle-groups');
  return given.map((text) => {
    const found = groups.find((group) => group.name === text) ?? groups.find((group) => group.id === text.toLowerCase());
    if (found === undefined)
      throw new CliError(`There is no group "${text}" in the key’s organisation. Look at \`npx milepost groups list\`.`);
    return found.id;
  });
}
