import { fileURLToPath } from 'node:url';
import type { Logger } from '@milepost/runtime';
import { DrizzleQueryError } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import { Client } from 'pg';
import { advisoryLocks } from '../advisory-locks.js';
import { PostgresTooOldError, postgresVersionFault } from './postgres-version.js';

/** Where they are, and where a database says which it has. */
export const migrations = {
  migrationsFolder: fileURLToPath(new URL('../../../../migrations', import.meta.url)),
  migrationsSchema: 'milepost_migrations',
  migrationsTable: 'applied',
};

/**
 * Brings the schema up to date, as the database's owner. Safe to call from many processes at once (drizzle's migrator takes no lock of its own).
 * Raises the feed epoch when the data has moved to another Postgres cluster.
 * @throws PostgresTooOldError
 */
export async function migrate(ownerUrl: string, logger: Logger): Promise<void> {
  const client = new Client({ connectionString: ownerUrl, application_name: 'milepost-migrate', connectionTimeoutMillis: 10_000 });
  // A connection that breaks says so twice: what was asked of it fails, and an event without a listener would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    const fault = postgresVersionFault(rows[0]?.server_version ?? '');
    if (fault !== undefined) throw new PostgresTooOldError(fault);
    await client.query('select pg_advisory_lock($1)', [advisoryLocks.migrate]);
    await applyMigrations(drizzle(client), migrations).catch(throwWhatPostgresSaid);
    await client.query('select refresh_feed_epoch()');
    logger.info({ event: 'database.migrated' }, 'The database schema is up to date');
  } finally {
    await client.end();
  }
}

/** drizzle's error quotes a whole migration, and has the code of the database's own behind it. */
function throwWhatPostgresSaid(error: unknown): never {
  throw error instanceof DrizzleQueryError ? (error.cause ?? error) : error;
}
