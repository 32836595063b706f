import { listVehicleGroups } from '@milepost/database';
import type { Command } from 'commander';
import type { Installation } from '../../reaching/installation.js';
import { listRows } from '../list-rows.js';

export const groupsList = (installation: Installation): Command =>
  listRows(installation, {
    description: 'list the groups of vehicles',
    rows: listVehicleGroups,
    head: ['ORGANISATION', 'GROUP', 'VEHICLES', 'ID', 'DESCRIPTION'],
    cells: ({ organisation, name, vehicles, description, id }) => [organisation, name, String(vehicles), id, description ?? ''],
  });
