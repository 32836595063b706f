/** The schema is not there, or is that of another version: tables, columns, functions, schemas that are not known (SQLSTATE, class 42; 3F000). */
const unknownNames = new Set(['42P01', '42703', '42883', '3F000']);
const noRight = '42501';
const unknownObject = '42704';

/** What to do about a database that answers and will not; undefined for any other error. */
export function databaseRefusal(error: unknown): string | undefined {
  const { code, message } = error as { code?: unknown; message?: string };
  if (typeof code !== 'string') return undefined;
  if (unknownNames.has(code))
    return `The database has not the schema of this version of milepost (${message}). Bring it up to date with \`npx milepost migrate\`, or name another in DATABASE_URL.`;
  if (code === noRight)
    return `The database refuses it (${message}). DATABASE_URL must be that of the owner of the database, who may create roles (CREATEROLE) and has made those of the apps.`;
  // What a dump of the database does not hold; rights and policies that name them were left out where they were not there.
  if (code === unknownObject && /^role "milepost_/.test(message ?? ''))
    return `The roles of the apps are not on this server (${message}): they belong to the server, and a dump of the database is without them. Make them, then restore it again: docs/production.md, "Backups".`;
  return undefined;
}
