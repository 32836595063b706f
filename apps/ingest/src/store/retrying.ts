import { AppStopped, classifyDatabaseError, type DatabaseErrorKind } from '@milepost/database';
import { backoffMs, sleep } from '@milepost/runtime';

const BACKOFF = { baseMs: 100, maxMs: 5_000 };

export interface Patience {
  /** Nobody waits for the result any more. */
  isOver(): boolean;
  /** Kinds of errors that another attempt may mend; a time-out (`halve`) is one, unless the work can be made smaller. */
  mendedByRetry?: readonly DatabaseErrorKind[];
  onRetry(error: unknown, kind: DatabaseErrorKind, attempt: number): void;
}

/**
 * Tries `work` again, with back-off, while the database is out of reach or busy: the data is not to blame.
 * `over` when nobody waits any more. Errors that another attempt does not mend are thrown as they are.
 */
export async function retrying<T>(
  work: () => Promise<T>,
  { isOver, onRetry, mendedByRetry = ['retry', 'halve'] }: Patience,
): Promise<{ kind: 'done'; value: T } | { kind: 'over' }> {
  for (let attempt = 0; ; attempt += 1) {
    if (isOver()) return { kind: 'over' };
    try {
      return { kind: 'done', value: await work() };
    } catch (error) {
      if (error instanceof AppStopped) throw error;
      const kind = classifyDatabaseError(error);
      if (!mendedByRetry.includes(kind)) throw error;
      onRetry(error, kind, attempt);
      await sleep(backoffMs(attempt, BACKOFF));
    }
  }
}
