import pg from 'pg';

/** The same in every run: test runs that share a Postgres share its roles. */
export const testRoleSecret = 'milepost-tests';

const OBJECT_IN_USE = '55006';
const IN_USE_TIMEOUT_MS = 60_000;

/** The connection string with another database. */
export function databaseUrl(ownerUrl: string, database: string): string {
  const url = new URL(ownerUrl);
  url.pathname = `/${database}`;
  return url.href;
}

export async function onServer<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl(ownerUrl, 'postgres'), application_name: 'milepost-test' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Makes or drops a database. Postgres gives a connection that it has told to end, or an autovacuum worker, 5 s to be gone and fails after that;
 * on a machine with much to do that is not enough.
 */
export async function onceNotInUse(client: { query(statement: string): Promise<unknown> }, statement: string): Promise<void> {
  const deadline = Date.now() + IN_USE_TIMEOUT_MS;
  for (;;) {
    try {
      await client.query(statement);
      return;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== OBJECT_IN_USE || Date.now() >= deadline) throw error;
    }
  }
}
