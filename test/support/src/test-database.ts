import { randomBytes } from 'node:crypto';
import { type AppRole, rolePasswords, urlForRole } from '@milepost/database';
import pg from 'pg';
import { databaseUrl, onceNotInUse, onServer, testRoleSecret } from './database-server.js';
import { testServices } from './test-services.js';

export interface TestDatabase {
  name: string;
  /** As the owner, who is a superuser. */
  ownerUrl: string;
  /** As an app connects: no rights but its role's. */
  urlFor(role: AppRole): string;
  /** A pool of the owner, for arranging and looking. */
  owner: pg.Pool;
  drop(): Promise<void>;
}

/** A migrated database of one's own: a copy of the run's template, a tenth of a second. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { runId, ownerUrl: serverUrl, templateDatabase } = testServices();
  const name = `${runId}_${randomBytes(4).toString('hex')}`;
  await onServer(serverUrl, (client) => onceNotInUse(client, `create database ${name} template ${templateDatabase} strategy file_copy`));
  const ownerUrl = databaseUrl(serverUrl, name);
  const owner = new pg.Pool({ connectionString: ownerUrl, max: 4, application_name: 'milepost-test' });
  // Dropping the database ends connections; that is no failure of a test.
  owner.on('error', () => undefined);
  const passwords = rolePasswords(testRoleSecret);
  return {
    name,
    ownerUrl,
    urlFor: (role) => urlForRole(ownerUrl, role, passwords),
    owner,
    drop: async () => {
      await owner.end();
      await onServer(serverUrl, (client) => onceNotInUse(client, `drop database if exists ${name} with (force)`));
    },
  };
}
