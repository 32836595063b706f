import { removeFromVehicleGroup } from '@milepost/database';
import { Command } from 'commander';
import { CliError } from '../../cli-error.js';
import type { Installation } from '../../installation.js';
import { note } from '../../output.js';

export const groupsRemove = (installation: Installation): Command =>
  new Command('remove')
    .description('take vehicles out of a group')
    .argument('<group>', 'its name')
    .argument('<vehicle...>', 'ids of vehicles')
    .option('--organisation <name>', 'whose', 'default')
    .action(async (group: string, vehicleIds: string[], { organisation }: { organisation: string }) => {
      const done = await installation.withOwner((owner) => removeFromVehicleGroup(owner, { organisation, group, vehicleIds }));
      if (done.length > 0) note(`${done.join(', ')} are no longer in "${group}".`);
      const missing = vehicleIds.filter((id) => !done.includes(id));
      if (missing.length > 0) throw new CliError(`Not found, as vehicles or as a group of ${organisation}: ${missing.join(', ')}.`);
    });
