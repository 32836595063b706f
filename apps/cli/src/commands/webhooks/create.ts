import type { CreatedWebhook } from '@milepost/contracts';
import { Command } from 'commander';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';
import { type SettingOptions, settingsOf, withSettings } from './settings.js';

export const webhooksCreate = (installation: Installation): Command =>
  withSettings(
    new Command('create').description('register a webhook and print its secret, this once').argument('<url>', 'where events are posted'),
  ).action(async (url: string, options: SettingOptions) => {
    const api = installation.api();
    const created = await api.call<CreatedWebhook>('POST', '/v1/webhooks', { url, ...(await settingsOf(api, options)) });
    print(created.secret);
    note(`Registered the webhook ${created.id}. Its secret is not shown again.`);
  });
