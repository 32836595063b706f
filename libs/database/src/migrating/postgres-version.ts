/** Since when there is uuidv7(), which makes the keys of our tables. */
const LEAST_MAJOR = 18;

/**
 * Why milepost cannot work with a Postgres of this version; undefined when it can.
 * @param version as `show server_version` says it, like `16.4 (Debian 16.4-1.pgdg120+1)`.
 */
export function postgresVersionFault(version: string): string | undefined {
  if (!(Number.parseInt(version, 10) < LEAST_MAJOR)) return undefined;
  return `it is version ${version}, and milepost needs ${LEAST_MAJOR} or newer: the keys of its tables are made by uuidv7(), which older ones do not have`;
}

/** A Postgres that the schema cannot be made in. */
export class PostgresTooOldError extends Error {
  readonly code = 'postgres_too_old';

  constructor(fault: string) {
    super(`The database cannot be used: ${fault}. Upgrade that server (pg_upgrade), or name another.`);
    this.name = 'PostgresTooOldError';
  }
}
