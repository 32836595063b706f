import type { Mute } from '@milepost/contracts';
import { Command } from 'commander';
import { groupNames } from '../../arguments/group-names.js';
import { print, table } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';
import { targetOf } from './describe.js';

export const mutesList = (installation: Installation): Command =>
  new Command('list')
    .description('list the mutes and snoozes that hold now or later')
    .option('--json', 'one JSON object a line')
    .action(async ({ json }: { json?: true }) => {
      const api = installation.api();
      const mutes = await api.all<Mute>('/v1/mutes');
      if (json) {
        for (const mute of mutes) print(JSON.stringify(mute));
        return;
      }
      const names = await groupNames(
        api,
        mutes.map(({ groupId }) => groupId),
      );
      const rows = mutes.map((mute) => rowOf(mute, names));
      print(table(['ID', 'OF', 'TYPES', 'FROM', 'UNTIL', 'BY', 'REASON'], rows));
    });

const rowOf = (mute: Mute, names: ReadonlyMap<string, string>): string[] => [
  mute.id,
  targetOf(mute, names),
  mute.types?.join(',') ?? 'all',
  mute.from,
  mute.until ?? '',
  mute.createdBy,
  mute.reason ?? '',
];
