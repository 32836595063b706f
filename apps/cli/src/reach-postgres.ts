import type { Pool } from '@milepost/database';
import { CliError } from './cli-error.js';

/**
 * Opens a first connection, so that what fails is known to be Postgres.
 * @param source where the connection string stands: a variable or a file. The string itself is not shown, it holds a password.
 * @throws CliError that names the server, and where it is named.
 */
export async function reachPostgres(pool: Pool, url: string, source: string): Promise<void> {
  if (!/^(postgres(ql)?:\/\/|socket:|\/)/.test(url)) {
    throw new CliError(`${source} holds no connection string of Postgres. Give one like postgres://user:password@host:5432/database.`);
  }
  try {
    (await pool.connect()).release();
  } catch (cause) {
    throw new CliError(`No connection to Postgres${serverOf(url)} (${reasonOf(cause)}). Check ${source}, and that Postgres runs.`, 1, {
      cause,
    });
  }
}

function serverOf(url: string): string {
  const host = URL.canParse(url) ? new URL(url).host : '';
  return host === '' ? '' : ` at ${host}`;
}

/** A refused connection to a name with two addresses has no message of its own, only a code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
