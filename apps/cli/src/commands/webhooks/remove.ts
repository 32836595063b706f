import { Command } from 'commander';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const webhooksDelete = (installation: Installation): Command =>
  new Command('delete')
    .description('delete a webhook; nothing more is sent to it, not even what waits')
    .argument('<id>', 'the webhook')
    .action(async (id: string) => {
      await installation.api().call('DELETE', `/v1/webhooks/${encodeURIComponent(id)}`);
      note(`Deleted the webhook ${id}.`);
    });
