import { listPolicies } from '@milepost/database';
import type { Command } from 'commander';
import type { Installation } from '../../reaching/installation.js';
import { listRows } from '../list-rows.js';

export const policiesList = (installation: Installation): Command =>
  listRows(installation, {
    description: 'list everything that was said',
    rows: listPolicies,
    head: ['ORGANISATION', 'FOR', 'PRIORITY', 'SETTINGS', 'SAID', 'BY'],
    cells: ({ organisation, group, vehicleId, priority, settings, updatedAt, updatedBy }) => [
      organisation,
      group === null ? (vehicleId ?? '') : `group ${group}`,
      group === null ? '' : String(priority),
      JSON.stringify(settings),
      updatedAt.toISOString(),
      updatedBy,
    ],
  });
