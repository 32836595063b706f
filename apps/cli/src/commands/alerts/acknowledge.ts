import type { Alert } from '@milepost/contracts';
import { Command } from 'commander';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const alertsAcknowledge = (installation: Installation): Command =>
  new Command('acknowledge')
    .description('say that somebody looks after an alert; the key’s name is the actor')
    .argument('<id>', 'the alert')
    .option('--note <text>', 'kept with the alert')
    .action(async (id: string, { note: text }: { note?: string }) => {
      const path = `/v1/alerts/${encodeURIComponent(id)}/acknowledge`;
      const alert = await installation.api().call<Alert>('POST', path, text === undefined ? {} : { note: text });
      note(`Acknowledged by ${alert.acknowledgedBy} at ${alert.acknowledgedAt}.`);
    });
