import { Client, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import { usageOfTree } from './process-usage.js';

/** A connection with which the bench looks into Postgres. What Postgres spends on it is known: it is the bench's and not the pipeline's. */
export class ObservingClient {
  private constructor(
    private readonly client: Client,
    private readonly backendPid: number,
    private readonly cpuSecondsBefore: number,
  ) {}

  static async open(databaseUrl: string): Promise<ObservingClient> {
    const client = new Client({ connectionString: databaseUrl });
    // When something else fails, Postgres stops under this connection: that is not what should be reported.
    client.on('error', () => undefined);
    await client.connect();
    // Workers would be processes of their own, whose time nobody could tell from the pipeline's.
    await client.query('set max_parallel_workers_per_gather = 0');
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const backendPid = rows[0]?.pid;
    if (backendPid === undefined) throw new Error('Postgres did not say which process serves this connection');
    return new ObservingClient(client, backendPid, usageOfTree(backendPid).cpuSeconds);
  }

  query<Row extends QueryResultRow>(query: QueryConfig | string, values?: unknown[]): Promise<QueryResult<Row>> {
    return this.client.query<Row>(query, values);
  }

  /** Of the server process behind this connection, since it was opened. */
  cpuSeconds(): number {
    return usageOfTree(this.backendPid).cpuSeconds - this.cpuSecondsBefore;
  }

  end(): Promise<void> {
    return this.client.end();
  }
}
