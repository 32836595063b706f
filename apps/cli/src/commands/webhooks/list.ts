import type { Webhook } from '@milepost/contracts';
import { Command } from 'commander';
import { groupNames } from '../../arguments/group-names.js';
import { print, table } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';
import { stateOf, vehiclesOf } from './describe.js';

export const webhooksList = (installation: Installation): Command =>
  new Command('list')
    .description('list the webhooks of the key’s organisation')
    .option('--json', 'one JSON object a line, with every setting')
    .action(async ({ json }: { json?: true }) => {
      const api = installation.api();
      const webhooks = await api.all<Webhook>('/v1/webhooks');
      if (json) {
        for (const webhook of webhooks) print(JSON.stringify(webhook));
        return;
      }
      const names = await groupNames(
        api,
        webhooks.flatMap(({ groupIds }) => groupIds),
      );
      const rows = webhooks.map((webhook) => [
        webhook.id,
        stateOf(webhook),
        webhook.format,
        webhook.eventTypes.join(',') || 'all',
        vehiclesOf(webhook, names),
        webhook.url,
      ]);
      print(table(['ID', 'STATE', 'FORMAT', 'TYPES', 'VEHICLES', 'URL'], rows));
    });
