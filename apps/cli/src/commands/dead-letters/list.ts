import { listDeadLetters } from '@milepost/database';
import { Command } from 'commander';
import { deadLetterId } from '../../arguments/dead-letter-id.js';
import { limit } from '../../arguments/options.js';
import { print, table } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

interface Options {
  limit: number;
  organisation?: string;
  json?: true;
}

export const deadLettersList = (installation: Installation): Command =>
  new Command('list')
    .description('list the newest dead letters: records of which an item could not be stored')
    .option('--limit <count>', 'at most so many, up to 1000', limit, 100)
    .option('--organisation <name>', 'of this organisation only')
    .option('--json', 'one JSON object a line, with every error')
    .action(async ({ json, ...options }: Options) => {
      const letters = await installation.withOwner((owner) => listDeadLetters(owner, options));
      if (json) {
        for (const { topic, partition, offset, ...rest } of letters)
          print(JSON.stringify({ id: deadLetterId({ topic, partition, offset }), topic, ...rest }));
        return;
      }
      const rows = letters.map((letter) => {
        const [first] = letter.errors;
        const more = letter.errorCount > 1 ? ` (and ${letter.errorCount - 1} more)` : '';
        const error = first ? `${first.code} ${first.pointer} ${first.message}${more}` : '';
        return [
          deadLetterId(letter),
          letter.at.toISOString(),
          letter.organisation,
          letter.vehicleId ?? '',
          letter.resolvedAt?.toISOString() ?? '',
          error,
        ];
      });
      print(table(['ID', 'AT', 'ORGANISATION', 'VEHICLE', 'STORED SINCE', 'FIRST ERROR'], rows));
    });
