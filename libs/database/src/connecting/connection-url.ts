import { parse } from 'pg-connection-string';

const noAddress =
  'its value is no address of a Postgres, like postgres://owner:secret@db:5432/milepost; in user and password write / as %2F, # as %23, ? as %3F.';

/**
 * What is wrong with a connection string as far as the driver's own parser can tell; undefined when nothing is. It may hold a password, and is
 * never part of the answer.
 * @param host where the driver looks when the connection string names none: PGHOST
 */
export function connectionUrlFault(text: string, host: string | undefined): string | undefined {
  if (!/^postgres(ql)?:\/\//i.test(text)) return noAddress;
  try {
    if (parse(text).host || host) return undefined;
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    // Of a certificate or a key.
    return path === undefined ? noAddress : `the file ${path}, which it names, cannot be read (${code}).`;
  }
  return 'its value names no host: write one before the database, like postgres://owner:secret@db:5432/milepost, or behind it, like ?host=/var/run/postgresql.';
}

/**
 * A connection string as a URL. The driver also reads `postgres://owner:secret@/milepost?host=…`, which is none: user and password are put behind
 * the ? there, where they mean the same.
 */
export function connectionUrl(text: string): URL {
  const hostless = text.replace(/^(postgres(?:ql)?:\/\/)[^/?#]*@(?=\/)/i, '$1');
  const url = new URL(hostless);
  if (hostless === text) return url;
  const { user, password } = parse(text);
  if (user) url.searchParams.set('user', user);
  if (password) url.searchParams.set('password', password);
  return url;
}
