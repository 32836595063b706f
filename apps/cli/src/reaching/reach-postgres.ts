import type { Pool } from '@milepost/database';
import { CliError } from '../cli-error.js';

/**
 * Opens a first connection, so that what fails is known to be Postgres.
 * @param source where the connection string stands: a variable or a file. The string itself is not shown, it holds a password.
 * @throws CliError that names the server, and where it is named.
 */
export async function reachPostgres(pool: Pool, url: string, source: string): Promise<void> {
  if (!/^(postgres(ql)?:\/\/|socket:|\/)/.test(url)) {
    throw new CliError(`${source} holds no connection string of Postgres. Give one like postgres://user:password@host:5432/database.`);
  }
  if (!isReadable(url)) {
    throw new CliError(
      `${source} cannot be read as a URL: has its port a number up to 65535? In user and password write % as %25, / as %2F, # as %23, ? as %3F.`,
    );
  }
  try {
    (await pool.connect()).release();
  } catch (cause) {
    throw new CliError(`No connection to Postgres${serverOf(url)} (${reasonOf(cause)}). Check ${source}, and that Postgres runs.`, 1, {
      cause,
    });
  }
}

/** The driver says "Invalid URL" of what it cannot read, and nothing else. It takes paths of sockets, which are no URLs, and URLs without a host. */
const isReadable = (url: string): boolean =>
  !url.startsWith('postgres') || URL.canParse(url.replace('@/', '@host/').replaceAll(' ', '%20'));

function serverOf(url: string): string {
  const host = URL.canParse(url) ? new URL(url).host : '';
  return host === '' ? '' : ` at ${host}`;
}

/** A refused connection to a name with two addresses has no message of its own, only a code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
