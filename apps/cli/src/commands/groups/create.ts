import { maxVehicleGroups } from '@milepost/contracts';
import { createVehicleGroup, listVehicleGroups } from '@milepost/database';
import { Command } from 'commander';
import { name as nameOf } from '../../arguments/options.js';
import { refuseUnknown } from '../../arguments/refuse-unknown.js';
import { CliError } from '../../cli-error.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const groupsCreate = (installation: Installation): Command =>
  new Command('create')
    .description('make a group of vehicles and print its id')
    .argument('<name>', 'unique in the organisation', nameOf)
    .option('--organisation <name>', 'whose', 'default')
    .option('--description <text>', 'what it is for')
    .action(async (name: string, options: { organisation: string; description?: string }) => {
      const { organisation } = options;
      await installation.withOwner(async (owner) => {
        const id = await createVehicleGroup(owner, { name, ...options });
        if (id === undefined) {
          await refuseUnknown(owner, { organisation });
          const standing = (await listVehicleGroups(owner)).filter((group) => group.organisation === organisation);
          if (!standing.some((group) => group.name === name))
            throw new CliError(
              `${organisation} has ${standing.length} groups; ${maxVehicleGroups} are possible. Delete one that is no longer needed (\`npx milepost groups delete GROUP\`).`,
            );
          throw new CliError(`There is a group "${name}" of ${organisation} already.`);
        }
        print(id);
        note(`Made the group "${name}" of ${organisation}.`);
      });
    });
