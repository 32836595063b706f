import type { Pool } from '@milepost/database';
import { Command } from 'commander';
import { print, table } from '../output.js';
import type { Installation } from '../reaching/installation.js';

interface Listing<T> {
  description: string;
  /** Every row, as the owner of the database. */
  rows: (owner: Pool) => Promise<T[]>;
  head: readonly string[];
  cells: (row: T) => string[];
}

/** `list` of what the database holds for every organisation: a table, or with --json the rows as they are. */
export const listRows = <T extends { organisation: string }>(installation: Installation, { description, rows, head, cells }: Listing<T>) =>
  new Command('list')
    .description(description)
    .option('--organisation <name>', 'of this organisation only (default: of all)')
    .option('--json', 'one JSON object a line')
    .action(async ({ organisation, json }: { organisation?: string; json?: true }) => {
      const all = await installation.withOwner(rows);
      const listed = all.filter((row) => organisation === undefined || row.organisation === organisation);
      if (json) for (const row of listed) print(JSON.stringify(row));
      else print(table(head, listed.map(cells)));
    });
