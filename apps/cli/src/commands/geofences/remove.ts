import { removeGeofence } from '@milepost/database';
import { Command } from 'commander';
import { CliError } from '../../cli-error.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const geofencesRemove = (installation: Installation): Command =>
  new Command('remove')
    .description('delete a geofence; alerts that it opened are resolved')
    .argument('<name>', 'its name')
    .option('--organisation <name>', 'whose', 'default')
    .action(async (name: string, { organisation }: { organisation: string }) => {
      const removed = await installation.withOwner((owner) => removeGeofence(owner, { organisation, name }));
      if (!removed) throw new CliError(`There is no geofence "${name}" of ${organisation}.`);
      note(`Deleted the geofence "${name}" of ${organisation}.`);
    });
