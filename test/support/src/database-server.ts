import pg from 'pg';

/** The same in every run: test runs that share a Postgres share its roles. */
export const testRoleSecret = 'milepost-tests';

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
