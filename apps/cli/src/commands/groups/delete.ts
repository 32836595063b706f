import { deleteVehicleGroup } from '@milepost/database';
import { Command } from 'commander';
import { refuseUnknown } from '../../arguments/refuse-unknown.js';
import { CliError } from '../../cli-error.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const groupsDelete = (installation: Installation): Command =>
  new Command('delete')
    .description('delete a group that nothing refers to; its vehicles stay')
    .argument('<group>', 'its name')
    .option('--organisation <name>', 'whose', 'default')
    .option('--force', 'in use or not: its policy, mutes and geofences go with it, and webhooks match nothing by it')
    .action(async (group: string, { organisation, force = false }: { organisation: string; force?: boolean }) => {
      await installation.withOwner(async (owner) => {
        const deletion = await deleteVehicleGroup(owner, { organisation, name: group, force });
        if (deletion.kind === 'in_use')
          throw new CliError(
            `The group "${group}" of ${organisation} is in use by ${deletion.by}. Take that back first (\`npx milepost policies unset\`, \`npx milepost mutes remove\`, \`npx milepost geofences remove\`, \`npx milepost webhooks update\`), or add --force: policy, mutes and geofences go with it, and webhooks match nothing by it.`,
          );
        if (deletion.kind === 'unknown') {
          await refuseUnknown(owner, { organisation, group });
          throw new CliError(`The group "${group}" of ${organisation} is there only since a moment ago: try again.`);
        }
        note(`Deleted the group "${group}" of ${organisation}.`);
      });
    });
