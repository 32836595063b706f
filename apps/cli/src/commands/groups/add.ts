import { addToVehicleGroup } from '@milepost/database';
import { Command } from 'commander';
import { CliError } from '../../cli-error.js';
import type { Installation } from '../../installation.js';
import { note } from '../../output.js';

export const groupsAdd = (installation: Installation): Command =>
  new Command('add')
    .description('put vehicles into a group')
    .argument('<group>', 'its name')
    .argument('<vehicle...>', 'ids of vehicles')
    .option('--organisation <name>', 'whose', 'default')
    .action(async (group: string, vehicleIds: string[], { organisation }: { organisation: string }) => {
      const done = await installation.withOwner((owner) => addToVehicleGroup(owner, { organisation, group, vehicleIds }));
      if (done.length > 0) note(`${done.join(', ')} are in "${group}".`);
      const missing = vehicleIds.filter((id) => !done.includes(id));
      if (missing.length > 0) throw new CliError(`Not found, as vehicles or as a group of ${organisation}: ${missing.join(', ')}.`);
    });
