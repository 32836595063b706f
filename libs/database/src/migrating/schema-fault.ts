import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { migrations } from './migrate.js';

export interface SchemaFault {
  fault: string;
  /** Whether `migrate` mends it. */
  migrate: boolean;
}

/** What keeps this version of milepost from using the database's schema; undefined: it is the one that its migrations make. As the owner. */
export async function schemaFault(owner: Pool): Promise<SchemaFault | undefined> {
  const { migrationsFolder, migrationsSchema, migrationsTable } = migrations;
  const table = `${migrationsSchema}.${migrationsTable}`;
  const { rows: found } = await owner.query<{ there: boolean }>('select to_regclass($1) is not null as there', [table]);
  if (found[0]?.there !== true) return { fault: 'the database is empty', migrate: true };
  const { rows } = await owner.query<{ newest: number | null }>(`select max(created_at)::float8 as newest from ${table}`);
  const newest = rows[0]?.newest ?? 0;
  const journal = JSON.parse(readFileSync(join(migrationsFolder, 'meta', '_journal.json'), 'utf8')) as { entries: { when: number }[] };
  const missing = journal.entries.filter(({ when }) => when > newest).length;
  if (missing > 0)
    return { fault: `it is of an earlier version: ${missing} of ${journal.entries.length} migrations are missing`, migrate: true };
  if (journal.entries.every(({ when }) => when < newest))
    return { fault: 'it is of a later version of milepost than this one', migrate: false };
  return undefined;
}
