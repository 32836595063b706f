import type { PolicyAddress } from '@milepost/database';
import type { Command } from 'commander';
import { wholeOrganisation } from '../../arguments/options.js';
import { CliError, exitCodes } from '../../cli-error.js';

/** Options that say whom a policy is for. */
export interface TargetOptions {
  organisation: string;
  group?: string;
  vehicle?: string;
  wholeOrganisation?: true;
}

export const withTarget = (command: Command): Command =>
  command
    .option('--organisation <name>', 'the organisation', 'default')
    .option('--group <name>', 'a group of it')
    .option('--vehicle <id>', 'one vehicle of it')
    .option(...wholeOrganisation);

/** @throws CliError unless one of the three is said: a forgotten word must not mean every vehicle. */
export function addressOf({ organisation, group, vehicle, wholeOrganisation: whole }: TargetOptions): PolicyAddress {
  if ([group, vehicle, whole].filter((scope) => scope !== undefined).length !== 1)
    throw new CliError('Say whose policy: --group, --vehicle or --whole-organisation, one of them.', exitCodes.usage);
  return { organisation, ...(group !== undefined && { group }), ...(vehicle !== undefined && { vehicleId: vehicle }) };
}

export function nameOf({ organisation, group, vehicleId }: PolicyAddress): string {
  if (group !== undefined) return `the group "${group}" of ${organisation}`;
  return vehicleId === undefined ? `the organisation ${organisation}` : `the vehicle ${vehicleId} of ${organisation}`;
}
