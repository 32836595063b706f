import type { UpdatedWebhook } from '@milepost/contracts';
import { Command } from 'commander';
import { CliError, exitCodes } from '../../cli-error.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';
import { stateOf } from './describe.js';
import { type SettingOptions, settingsOf, withSettings } from './settings.js';

interface Options extends SettingOptions {
  url?: string;
  enable?: true;
  disable?: true;
  clearHeaders?: true;
}

export const webhooksUpdate = (installation: Installation): Command =>
  withSettings(new Command('update').description('change a webhook; what is not named stays').argument('<id>', 'the webhook'))
    .option('--url <url>', 'where events are posted')
    .option('--clear-headers', 'send no headers of its own any more')
    .option('--enable', 'send to it; ends a suspension: what waited goes out in order')
    .option('--disable', 'send nothing to it, and make no deliveries for it')
    .action(async (id: string, { url, enable, disable, clearHeaders, ...settings }: Options) => {
      if (enable && disable) throw nothingToDo();
      const api = installation.api();
      const body = {
        ...(url !== undefined && { url }),
        ...(clearHeaders && { headers: {} }),
        ...(await settingsOf(api, settings)),
        ...((enable || disable) && { enabled: enable === true }),
      };
      if (Object.keys(body).length === 0) throw nothingToDo();
      const changed = await api.call<UpdatedWebhook>('PATCH', `/v1/webhooks/${encodeURIComponent(id)}`, body);
      note(`Changed the webhook ${changed.id}: it is ${stateOf(changed)}.`);
      if (changed.droppedHeaders !== undefined)
        note(
          `The URL leads to another origin: ${changed.droppedHeaders.join(', ')} of the old one ${changed.droppedHeaders.length === 1 ? 'is' : 'are'} not sent to it. Give headers for it with --header.`,
        );
    });

const nothingToDo = () => new CliError('Say what is to change; --enable or --disable, not both.', exitCodes.usage);
