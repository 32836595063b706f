import type { Mute } from '@milepost/contracts';
import { Command } from 'commander';
import type { Installation } from '../../installation.js';
import { print, table } from '../../output.js';
import { targetOf } from './describe.js';

export const mutesList = (installation: Installation): Command =>
  new Command('list')
    .description('list the mutes and snoozes that hold now or later')
    .option('--json', 'one JSON object a line')
    .action(async ({ json }: { json?: true }) => {
      const mutes = await installation.api().all<Mute>('/v1/mutes');
      if (json) for (const mute of mutes) print(JSON.stringify(mute));
      else print(table(['ID', 'OF', 'TYPES', 'FROM', 'UNTIL', 'BY', 'REASON'], mutes.map(rowOf)));
    });

const rowOf = (mute: Mute): string[] => [
  mute.id,
  targetOf(mute),
  mute.types?.join(',') ?? 'all',
  mute.from,
  mute.until ?? '',
  mute.createdBy,
  mute.reason ?? '',
];
