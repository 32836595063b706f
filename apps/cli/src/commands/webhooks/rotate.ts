import type { RotatedSecret } from '@milepost/contracts';
import { Command, Option } from 'commander';
import { overlap } from '../../arguments/options.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const webhooksRotate = (installation: Installation): Command =>
  new Command('rotate')
    .description('replace a webhook’s secret and print the new one, this once')
    .argument('<id>', 'the webhook')
    .addOption(
      new Option('--overlap <time>', 'for so long the old one signs as well, like 24h or 0s, 7d at most')
        .argParser(overlap)
        .default(86_400, '24h'),
    )
    .action(async (id: string, options: { overlap: number }) => {
      const path = `/v1/webhooks/${encodeURIComponent(id)}/rotate-secret`;
      const rotated = await installation.api().call<RotatedSecret>('POST', path, { overlapSeconds: options.overlap });
      print(rotated.secret);
      note(`The secret before signs as well until ${rotated.previousSecretUntil}. The new one is not shown again.`);
    });
