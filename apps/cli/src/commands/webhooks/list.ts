import type { Webhook } from '@milepost/contracts';
import { Command } from 'commander';
import type { Installation } from '../../installation.js';
import { print, table } from '../../output.js';
import { stateOf } from './describe.js';

export const webhooksList = (installation: Installation): Command =>
  new Command('list')
    .description('list the webhooks of the key’s organisation')
    .option('--json', 'one JSON object a line, with every setting')
    .action(async ({ json }: { json?: true }) => {
      const webhooks = await installation.api().all<Webhook>('/v1/webhooks');
      if (json) {
        for (const webhook of webhooks) print(JSON.stringify(webhook));
        return;
      }
      const rows = webhooks.map((webhook) => [
        webhook.id,
        stateOf(webhook),
        webhook.format,
        webhook.eventTypes.join(',') || 'all',
        webhook.url,
      ]);
      print(table(['ID', 'STATE', 'FORMAT', 'TYPES', 'URL'], rows));
    });
