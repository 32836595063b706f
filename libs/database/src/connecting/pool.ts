import type { Logger } from '@milepost/runtime';
import { Pool } from 'pg';

/** For who is handed one and has nothing else of the driver. */
export type { Pool };

export interface PoolOptions {
  url: string;
  app: string;
  size: number;
  logger: Logger;
  /** Longest statement; longer ones end with SQLSTATE 57014. */
  statementTimeoutMs?: number;
  /** Every transaction is read-only. */
  readOnly?: boolean;
}

/** A pool whose idle connections may break without ending the process, and in which nothing waits for ever. */
export function createPool({ url, app, size, logger, statementTimeoutMs = 30_000, readOnly = false }: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: `milepost-${app}`,
    max: size,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    statement_timeout: statementTimeoutMs,
    // A server that went away without a word must not hold a query for ever.
    query_timeout: statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: 30_000,
    ...(readOnly && { options: '-c default_transaction_read_only=on' }),
  });
  // Between the pool and whoever it is handed to a connection has no listener for a moment, and an error without one ends the process. What is asked
  // of a connection that broke then fails, and says so.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', (err) =>
    logger.warn(
      { event: 'database.connection.lost', err },
      'An idle connection to Postgres was lost; the pool opens another when it needs one',
    ),
  );
  return pool;
}
