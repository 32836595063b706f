import type { SkippedDeliveries } from '@milepost/contracts';
import { Command } from 'commander';
import { backwards } from '../../arguments/options.js';
import { CliError } from '../../cli-error.js';
import { note } from '../../output.js';
import { ApiRefusalError } from '../../reaching/api-client.js';
import type { Installation } from '../../reaching/installation.js';

export const webhooksSkip = (installation: Installation): Command =>
  new Command('skip')
    .description('give up what waits for a suspended or disabled webhook; each can still be replayed')
    .argument('<id>', 'the webhook')
    .option('--before <time>', 'only what was made before, like 1h', backwards)
    .action(async (id: string, { before }: { before?: Date }) => {
      const path = `/v1/webhooks/${encodeURIComponent(id)}/skip`;
      const { skipped } = await installation
        .api()
        .call<SkippedDeliveries>('POST', path, { before })
        .catch((error: unknown) => refuse(error, id));
      note(`${skipped} deliveries are skipped.`);
    });

/** Says what is to be done as a command; the API says it as a request. */
function refuse(error: unknown, id: string): never {
  if (error instanceof ApiRefusalError && error.problem?.code === 'webhook_receiving') {
    throw new CliError(`Webhook ${id} is enabled: disable it first, with \`npx milepost webhooks update ${id} --disable\`.`);
  }
  throw error;
}
