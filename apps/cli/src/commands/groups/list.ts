import { listVehicleGroups } from '@milepost/database';
import { Command } from 'commander';
import type { Installation } from '../../installation.js';
import { print, table } from '../../output.js';

export const groupsList = (installation: Installation): Command =>
  new Command('list').description('list the groups of vehicles').action(async () => {
    const groups = await installation.withOwner(listVehicleGroups);
    const rows = groups.map(({ organisation, name, vehicles, description, id }) => [
      organisation,
      name,
      String(vehicles),
      id,
      description ?? '',
    ]);
    print(table(['ORGANISATION', 'GROUP', 'VEHICLES', 'ID', 'DESCRIPTION'], rows));
  });
