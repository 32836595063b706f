import { type GeofenceCrossing, geofenceCrossings } from '@milepost/contracts';
import { addGeofence } from '@milepost/database';
import { Command, Option } from 'commander';
import { CliError } from '../../cli-error.js';
import type { Installation } from '../../installation.js';
import { note, print } from '../../output.js';
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
    .argument('<name>', 'unique in the organisation')
    .option('--circle <lat,lon,metres>', 'its centre and radius')
    .option('--polygon <file>', 'GeoJSON: a polygon, or a feature that is one')
    .addOption(new Option('--on <crossing>', 'what is an alert').choices(geofenceCrossings).default('both'))
    .option('--group <name>', 'only for vehicles of this group')
    .option('--organisation <name>', 'whose', 'default')
    .option('--description <text>', 'what it is for')
    .action(async (name: string, { on: alertOn, circle, polygon, ...options }: AddOptions) => {
      const shape = shapeOf({ ...(circle !== undefined && { circle }), ...(polygon !== undefined && { polygon }) });
      const id = await installation.withOwner((owner) => addGeofence(owner, { name, shape, alertOn, ...options }));
      if (id === undefined)
        throw new CliError(`There is a geofence "${name}" already, or no organisation ${options.organisation}, or no such group of it.`);
      print(id);
      note(`Made the geofence "${name}" of ${options.organisation}.`);
    });
