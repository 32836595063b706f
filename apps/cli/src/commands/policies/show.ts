import { listVehicleGroups, readPolicyChanges } from '@milepost/database';
import { PolicyBook, type PolicyChange } from '@milepost/presence';
import { Command } from 'commander';
import { CliError } from '../../cli-error.js';
import { print, table } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const policiesShow = (installation: Installation): Command =>
  new Command('show')
    .description('show what holds for a vehicle, and where each value comes from')
    .argument('<vehicle>', 'its id')
    .action(async (vehicleId: string) => {
      const { subject, book, names } = await installation.withOwner(async (owner) => {
        const { rows } = await owner.query<{ vehicle: number; organisationId: number }>(
          'select id as vehicle, organisation_id as "organisationId" from vehicles where vehicle_id = $1',
          [vehicleId],
        );
        return {
          subject: rows[0],
          book: PolicyBook.empty.with(await readPolicyChanges<PolicyChange>(owner)),
          names: new Map((await listVehicleGroups(owner)).map((group) => [group.id, group.name])),
        };
      });
      if (subject === undefined) throw new CliError(`No vehicle with the id ${vehicleId} is known.`);
      const { settings, sources } = book.resolve(subject);
      const { severity, ...others } = settings;
      const values: [string, unknown][] = [
        ...Object.entries(others),
        ...Object.entries(severity).map(([type, value]): [string, unknown] => [`severity.${type}`, value]),
      ];
      const rows = values.map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
        sourceOf(sources[name], names),
      ]);
      print(table(['SETTING', 'VALUE', 'FROM'], rows));
    });

function sourceOf(source: { kind: string; groupId?: string } | undefined, names: ReadonlyMap<string, string>): string {
  if (source === undefined) return '';
  return source.groupId === undefined ? source.kind : `${source.kind} ${names.get(source.groupId) ?? source.groupId}`;
}
