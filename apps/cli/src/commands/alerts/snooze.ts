import type { Mute } from '@milepost/contracts';
import { Command } from 'commander';
import { forwards } from '../../arguments/options.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const alertsSnooze = (installation: Installation): Command =>
  new Command('snooze')
    .description('let one alert not be told again until a time, and print the id of that mute')
    .argument('<id>', 'the alert')
    .requiredOption('--until <time>', 'until then, like 2h', forwards)
    .option('--reason <text>', 'kept with the alert')
    .action(async (id: string, { until, reason }: { until: Date; reason?: string }) => {
      const path = `/v1/alerts/${encodeURIComponent(id)}/snooze`;
      const mute = await installation.api().call<Mute>('POST', path, { until, ...(reason !== undefined && { reason }) });
      print(mute.id);
      note(`The alert is not told again until ${mute.until}; "npx milepost mutes remove ${mute.id}" ends that.`);
    });
