import type { PolicyAddress } from '@milepost/database';
import type { Command } from 'commander';
import { CliError, exitCodes } from '../../cli-error.js';

/** Options that say whom a policy is for. */
export interface TargetOptions {
  organisation: string;
  group?: string;
  vehicle?: string;
}

export const withTarget = (command: Command): Command =>
  command
    .option('--organisation <name>', 'the organisation', 'default')
    .option('--group <name>', 'a group of it')
    .option('--vehicle <id>', 'one vehicle of it');

/** @throws CliError when a group and a vehicle are named. */
export function addressOf({ organisation, group, vehicle }: TargetOptions): PolicyAddress {
  if (group !== undefined && vehicle !== undefined) throw new CliError('Name a group or a vehicle, not both.', exitCodes.usage);
  return { organisation, ...(group !== undefined && { group }), ...(vehicle !== undefined && { vehicleId: vehicle }) };
}

export function nameOf({ organisation, group, vehicleId }: PolicyAddress): string {
  if (group !== undefined) return `the group "${group}" of ${organisation}`;
  return vehicleId === undefined ? `the organisation ${organisation}` : `the vehicle ${vehicleId} of ${organisation}`;
}
