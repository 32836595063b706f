import { type AlertType, alertTypes, type Mute } from '@milepost/contracts';
import { Command, Option } from 'commander';
import { groupIds } from '../../arguments/group-names.js';
import { forwards, wholeOrganisation } from '../../arguments/options.js';
import { CliError, exitCodes } from '../../cli-error.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';
import { targetOf } from './describe.js';

interface Options {
  vehicle?: string;
  group?: string;
  wholeOrganisation?: true;
  type?: AlertType[];
  from?: Date;
  until?: Date;
  reason?: string;
}

export const mutesAdd = (installation: Installation): Command =>
  new Command('add')
    .description('let nothing be told of a vehicle, a group, or the whole organisation for a while, and print the mute’s id')
    .option('--vehicle <id>', 'of this vehicle')
    .option('--group <name>', 'of the vehicles of this group')
    .option(...wholeOrganisation)
    .addOption(new Option('--type <type...>', 'alerts of these types alone').choices(alertTypes))
    .option('--from <time>', 'from then on (default: now)', forwards)
    .option('--until <time>', 'until then, like 2h (default: until it is removed)', forwards)
    .option('--reason <text>', 'shown with the mute')
    .action(async ({ vehicle, group, wholeOrganisation: whole, type, from, until, reason }: Options) => {
      if ([vehicle, group, whole].filter((scope) => scope !== undefined).length !== 1)
        throw new CliError('Say of whom: --vehicle, --group or --whole-organisation, one of them.', exitCodes.usage);
      const api = installation.api();
      const mute = await api.call<Mute>('POST', '/v1/mutes', {
        ...(whole && { scope: 'organisation' }),
        ...(vehicle !== undefined && { vehicleId: vehicle }),
        ...(group !== undefined && { groupId: (await groupIds(api, [group]))[0] }),
        ...(type && { types: type }),
        ...(from && { from }),
        ...(until && { until }),
        ...(reason !== undefined && { reason }),
      });
      print(mute.id);
      note(
        `Nothing is told of ${group === undefined ? targetOf(mute, new Map()) : `the group "${group}"`}${until ? ` until ${mute.until}` : ' until the mute is removed'}.`,
      );
    });
