import { removeFromVehicleGroup } from '@milepost/database';
import { Command } from 'commander';
import { refuseUnknown } from '../../arguments/refuse-unknown.js';
import { CliError } from '../../cli-error.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const groupsRemove = (installation: Installation): Command =>
  new Command('remove')
    .description('take vehicles out of a group')
    .argument('<group>', 'its name')
    .argument('<vehicle...>', 'ids of vehicles')
    .option('--organisation <name>', 'whose', 'default')
    .action(async (group: string, vehicleIds: string[], { organisation }: { organisation: string }) => {
      await installation.withOwner(async (owner) => {
        const done = await removeFromVehicleGroup(owner, { organisation, group, vehicleIds });
        if (done.length > 0) note(`No longer in "${group}": ${done.join(', ')}.`);
        const others = vehicleIds.filter((id) => !done.includes(id));
        if (others.length === 0) return;
        await refuseUnknown(owner, { organisation, group, vehicleIds });
        throw new CliError(`Not in "${group}" anyway: ${others.join(', ')}.`);
      });
    });
