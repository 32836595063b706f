import type { SkippedDeliveries } from '@milepost/contracts';
import { Command } from 'commander';
import type { Installation } from '../../installation.js';
import { time } from '../../options.js';
import { note } from '../../output.js';

export const webhooksSkip = (installation: Installation): Command =>
  new Command('skip')
    .description('give up what waits for a suspended or disabled webhook; each can still be replayed')
    .argument('<id>', 'the webhook')
    .option('--before <time>', 'only what was made before', time)
    .action(async (id: string, { before }: { before?: Date }) => {
      const path = `/v1/webhooks/${encodeURIComponent(id)}/skip`;
      const { skipped } = await installation.api().call<SkippedDeliveries>('POST', path, { before });
      note(`${skipped} deliveries are skipped.`);
    });
