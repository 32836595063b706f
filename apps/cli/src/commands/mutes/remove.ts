import { Command } from 'commander';
import type { Installation } from '../../installation.js';
import { note } from '../../output.js';

export const mutesRemove = (installation: Installation): Command =>
  new Command('remove')
    .description('end a mute or a snooze; what is open and was not told is told within seconds')
    .argument('<id>', 'the mute')
    .action(async (id: string) => {
      await installation.api().call('DELETE', `/v1/mutes/${encodeURIComponent(id)}`);
      note('The mute is over.');
    });
