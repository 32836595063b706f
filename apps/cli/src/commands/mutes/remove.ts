import { Command } from 'commander';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const mutesRemove = (installation: Installation): Command =>
  new Command('remove')
    .description('end a mute or a snooze; what is open and was not told is told within seconds')
    .argument('<id>', 'the mute')
    .action(async (id: string) => {
      await installation.api().call('DELETE', `/v1/mutes/${encodeURIComponent(id)}`);
      note('The mute is over.');
    });
