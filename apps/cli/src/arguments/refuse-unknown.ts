import { knownOf, type Pool } from '@milepost/database';
import { CliError } from '../cli-error.js';

interface Address {
  organisation: string;
  group?: string;
  vehicleIds?: string[];
}

/** Of what was named, says the first that there is not: the organisation, its group, its vehicles. To be asked when something was not done. @throws CliError */
export async function refuseUnknown(owner: Pool, { organisation, group, vehicleIds = [] }: Address): Promise<void> {
  const known = await knownOf(owner, { organisation, vehicleIds, ...(group !== undefined && { group }) });
  if (!known.organisation) throw new CliError(`There is no organisation ${organisation}; name it with --organisation.`);
  if (group !== undefined && !known.group)
    throw new CliError(`There is no group "${group}" of ${organisation}. Look at \`npx milepost groups list\`.`);
  const unknown = vehicleIds.filter((id) => !known.vehicleIds.includes(id));
  if (unknown.length > 0) throw new CliError(`No vehicle of ${organisation} has the id ${unknown.join(', ')}.`);
}
