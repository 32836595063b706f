import { type GeofenceCrossing, geofenceCrossings, maxGeofences } from '@milepost/contracts';
import { addGeofence, listGeofences } from '@milepost/database';
import { Command, Option } from 'commander';
import { name as nameOf } from '../../arguments/options.js';
import { refuseUnknown } from '../../arguments/refuse-unknown.js';
import { CliError } from '../../cli-error.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';
import { type ShapeOptions, shapeOf } from './shape.js';

interface AddOptions extends ShapeOptions {
  on: GeofenceCrossing;
  organisation: string;
  group?: string;
  description?: string;
}

export const geofencesAdd = (installation: Installation): Command =>
  new Command('add')
    .description('make a geofence and print its id')
    .argument('<name>', 'unique in the organisation', nameOf)
    .option('--circle <lat,lon,metres>', 'its centre and radius')
    .option('--polygon <file>', 'GeoJSON: a polygon, or a feature that is one')
    .addOption(new Option('--on <crossing>', 'what is an alert').choices(geofenceCrossings).default('both'))
    .option('--group <name>', 'only for vehicles of this group')
    .option('--organisation <name>', 'whose', 'default')
    .option('--description <text>', 'what it is for')
    .action(async (name: string, { on: alertOn, circle, polygon, ...options }: AddOptions) => {
      const shape = await shapeOf({ ...(circle !== undefined && { circle }), ...(polygon !== undefined && { polygon }) });
      const { organisation, group } = options;
      await installation.withOwner(async (owner) => {
        const id = await addGeofence(owner, { name, shape, alertOn, ...options });
        if (id === undefined) {
          await refuseUnknown(owner, { organisation, ...(group !== undefined && { group }) });
          const standing = (await listGeofences(owner)).filter((fence) => fence.organisation === organisation);
          if (!standing.some((fence) => fence.name === name))
            throw new CliError(
              `${organisation} has ${standing.length} geofences; ${maxGeofences} are possible. Remove one that is no longer needed.`,
            );
          throw new CliError(`There is a geofence "${name}" of ${organisation} already. Choose another name, or remove that one first.`);
        }
        print(id);
        note(`Made the geofence "${name}" of ${organisation}.`);
      });
    });
