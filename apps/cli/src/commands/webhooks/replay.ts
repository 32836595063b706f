import type { Delivery, ReplayedDeliveries } from '@milepost/contracts';
import { Command, Option } from 'commander';
import { backwards } from '../../arguments/options.js';
import { CliError, exitCodes } from '../../cli-error.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

interface Options {
  since?: Date;
  until?: Date;
  status?: 'dead' | 'failed';
}

export const webhooksReplay = (installation: Installation): Command =>
  new Command('replay')
    .description('send one delivery again; or, with --since, all that have not arrived')
    .argument('<id>', 'the webhook')
    .argument('[delivery]', 'the delivery')
    .option('--since <time>', 'all that were made since and have not arrived', backwards)
    .option('--until <time>', 'and before', backwards)
    .addOption(new Option('--status <status>', 'only these').choices(['dead', 'failed']))
    .action(async (id: string, delivery: string | undefined, { since, until, status }: Options) => {
      if ((delivery === undefined) === (since === undefined)) throw new CliError('Name a delivery, or give --since.', exitCodes.usage);
      if (since === undefined && (until !== undefined || status !== undefined))
        throw new CliError(
          '--until and --status choose of those since a time: they go with --since, not with one delivery.',
          exitCodes.usage,
        );
      const [api, path] = [installation.api(), `/v1/webhooks/${encodeURIComponent(id)}`];
      if (delivery !== undefined) {
        const { id: replay } = await api.call<Delivery>('POST', `${path}/deliveries/${encodeURIComponent(delivery)}/replay`);
        print(replay);
        return;
      }
      let [replayed, hastened] = [0, 0];
      for (let more = true; more; ) {
        const answer = await api.call<ReplayedDeliveries>('POST', `${path}/replay`, { since, until, status });
        [replayed, hastened, more] = [replayed + answer.replayed, hastened + answer.hastened, answer.more];
      }
      note(`${replayed} dead deliveries are sent again, the retries of ${hastened} are due now.`);
    });
