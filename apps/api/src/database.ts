import { classifyDatabaseError, type Statement, withOrganisation } from '@milepost/database';
import { DrizzleQueryError } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { DatabaseError, type Pool, type QueryResultRow } from 'pg';
import { ApiProblem } from './problems/problem.js';

/** Not a mistake of anybody's: Postgres is away, or has too much to do. */
export class DatabaseFailure extends Error {
  override readonly name = 'DatabaseFailure';
  constructor(
    readonly kind: 'unavailable' | 'timeout',
    options: ErrorOptions,
    /** All was done but for the commit, whose answer never came: what was to be changed may be changed. */
    readonly inDoubt = false,
  ) {
    super(kind === 'timeout' ? 'A statement took too long' : 'Postgres does not answer', options);
  }
}

/** The database as one organisation sees it, for the length of a transaction. */
export interface OrganisationView {
  /** Runs one of libs/database/sql, prepared. */
  rows<R extends QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<R[]>;
  orm: NodePgDatabase;
}

/** The only way of the routes to Postgres: no query runs without an organisation. */
export class Database {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** @throws DatabaseFailure, or what `work` throws, after rolling back. */
  as<T>(principal: { organisationId: number }, work: (view: OrganisationView) => Promise<T>): Promise<T> {
    let isToBeCommitted = false;
    return guarded(
      () =>
        withOrganisation(this.#pool, principal.organisationId, async (client) => {
          const result = await work({
            rows: async <R extends QueryResultRow>(statement: Statement, values: readonly unknown[]) =>
              (await client.query<R>({ ...statement, values: [...values] })).rows,
            orm: drizzle(client),
          });
          isToBeCommitted = true;
          return result;
        }),
      () => isToBeCommitted,
    );
  }
}

/** Tells failures of Postgres from mistakes of ours. @param inDoubt whether what fails now may have been done all the same */
export async function guarded<T>(work: () => Promise<T>, inDoubt = () => false): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
    const cause = withoutValues(error);
    const kind = classifyDatabaseError(cause);
    if (kind === 'halve') throw new DatabaseFailure('timeout', { cause }, inDoubt());
    if (kind === 'retry') throw new DatabaseFailure('unavailable', { cause }, inDoubt());
    throw cause;
  }
}

/** Secrets are among the values that are written: drizzle puts all of them into its message, Postgres a row that failed into `detail`. */
function withoutValues(error: unknown): unknown {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  if (cause instanceof DatabaseError) cause.detail = undefined;
  return cause;
}
