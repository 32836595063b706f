import { addToVehicleGroup } from '@milepost/database';
import { Command } from 'commander';
import { refuseUnknown } from '../../arguments/refuse-unknown.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const groupsAdd = (installation: Installation): Command =>
  new Command('add')
    .description('put vehicles into a group')
    .argument('<group>', 'its name')
    .argument('<vehicle...>', 'ids of vehicles')
    .option('--organisation <name>', 'whose', 'default')
    .action(async (group: string, vehicleIds: string[], { organisation }: { organisation: string }) => {
      await installation.withOwner(async (owner) => {
        const done = await addToVehicleGroup(owner, { organisation, group, vehicleIds });
        if (done.length > 0) note(`In "${group}" now: ${done.join(', ')}.`);
        if (vehicleIds.some((id) => !done.includes(id))) await refuseUnknown(owner, { organisation, group, vehicleIds });
      });
    });
