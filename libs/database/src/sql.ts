import { readFileSync } from 'node:fs';

/** A statement from `libs/database/sql`, prepared under its path on each connection that runs it. */
export interface Statement {
  name: string;
  text: string;
}

/**
 * Loads `sql/{path}.sql`: one statement a file, read once when a module is loaded.
 * @throws when there is no such file, which is a bug.
 */
export function sql(path: string): Statement {
  const text = readFileSync(new URL(`../sql/${path}.sql`, import.meta.url), 'utf8');
  // Postgres cuts names of prepared statements at 63 bytes: two long ones must not meet.
  if (path.length > 63) throw new Error(`The statement's path ${path} is longer than a prepared statement's name may be (63)`);
  return { name: path, text };
}
