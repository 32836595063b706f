import { listPolicies } from '@milepost/database';
import { Command } from 'commander';
import type { Installation } from '../../installation.js';
import { print, table } from '../../output.js';

export const policiesList = (installation: Installation): Command =>
  new Command('list').description('list everything that was said').action(async () => {
    const policies = await installation.withOwner(listPolicies);
    const rows = policies.map(({ organisation, group, vehicleId, priority, settings, updatedAt, updatedBy }) => [
      organisation,
      group === null ? (vehicleId ?? '') : `group ${group}`,
      group === null ? '' : String(priority),
      JSON.stringify(settings),
      updatedAt.toISOString(),
      updatedBy,
    ]);
    print(table(['ORGANISATION', 'FOR', 'PRIORITY', 'SETTINGS', 'SAID', 'BY'], rows));
  });
