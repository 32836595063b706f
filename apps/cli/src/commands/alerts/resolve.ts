import { Command } from 'commander';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const alertsResolve = (installation: Installation): Command =>
  new Command('resolve')
    .description('say that an emergency (SOS, crash) is over; every other alert is resolved by what the vehicle does')
    .argument('<id>', 'the alert')
    .option('--note <text>', 'kept with the alert')
    .action(async (id: string, { note: text }: { note?: string }) => {
      await installation.api().call('POST', `/v1/alerts/${encodeURIComponent(id)}/resolve`, text === undefined ? {} : { note: text });
      note('The alert is resolved in a moment.');
    });
