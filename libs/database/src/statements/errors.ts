/**
 * What a database error asks of whoever wrote:
 * - `retry`: nothing is wrong with the data; reconnect and try the same again
 * - `halve`: the statement took too long (57014), or all of a transaction together; try a smaller batch
 * - `missing-partition`: 23514 without a constraint name; make the partition, try again
 * - `bisect`: a row cannot be stored; find it, and blame it only if its neighbours succeed
 * - `stop`: our fault or the operator's (schema, rights, unknown); stop and say so, blame no record
 */
export type DatabaseErrorKind = 'retry' | 'halve' | 'missing-partition' | 'bisect' | 'stop';

interface MaybeDatabaseError {
  code?: unknown;
  constraint?: unknown;
}

/** No SQLSTATE begins with E and goes on in letters; EPIPE, which a socket says, does. */
const sqlState = /^(?!E[A-Z]{4}$)[0-9A-Z]{5}$/;
const socketError = /^E[A-Z]+$/;
/** pg's own time-out, longer than that of a statement: several that were sent together have waited. */
const readTimeout = 'Query read timeout';

/** Classes of SQLSTATE (Postgres documentation, appendix A). Errors without one come from the socket or the pool: retry. */
export function classifyDatabaseError(error: unknown): DatabaseErrorKind {
  const { code, constraint } = (typeof error === 'object' && error !== null ? error : {}) as MaybeDatabaseError;
  if (error instanceof Error && error.message === readTimeout) return 'halve';
  if (typeof code !== 'string' || !sqlState.test(code)) return isProgrammingError(error) ? 'stop' : 'retry';
  if (code === '57014') return 'halve';
  if (code === '23514' && constraint === undefined) return 'missing-partition';
  if (['25006', '25P03', '25P04', '55P03'].includes(code)) return 'retry';
  switch (code.slice(0, 2)) {
    case '08':
    case '26':
    case '40':
    case '53':
    case '57':
    case '58':
      return 'retry';
    case '22':
    case '23':
    case '54':
      return 'bisect';
    default:
      return 'stop';
  }
}

/**
 * Whether the same question may be answered later: Postgres is away, busy or too slow, and nothing is wrong with what was asked. An error of ours that
 * says `retriable: false` came of an answer.
 */
export function isTemporary(error: unknown): boolean {
  if ((error as { retriable?: unknown } | undefined)?.retriable === false) return false;
  const kind = classifyDatabaseError(error);
  return kind === 'retry' || kind === 'halve';
}

/**
 * Whether the connection itself is what failed: it is gone, its server has become a standby (25006), or it has forgotten what was
 * prepared (26). Another attempt on it would fail likewise.
 */
export function asksForReconnect(error: unknown): boolean {
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as MaybeDatabaseError;
  if (typeof code === 'string' && socketError.test(code)) return true;
  if (typeof code !== 'string' || !sqlState.test(code) || code === '57014') return false;
  return ['25006', '25P03', '25P04'].includes(code) || ['08', '26', '57', '58'].includes(code.slice(0, 2));
}

/** A bug of ours must not be repeated for ever as if the network were to blame. */
function isProgrammingError(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError || error instanceof SyntaxError;
}
