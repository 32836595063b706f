/** What no repetition mends: the process says so and ends; nothing was passed over. */
export class AlertsStopped extends Error {
  readonly retriable = false;
  constructor(
    readonly code: 'foreign_cluster' | 'database_refuses',
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'AlertsStopped';
  }
}

/** An error that stands in no record: what happened, and that nothing was passed over. */
export function stopped(doing: string, error: unknown): AlertsStopped {
  const { code, message } = error as { code?: string; message?: string };
  const state = code === undefined ? '' : ` (SQLSTATE ${code})`;
  return new AlertsStopped(
    'database_refuses',
    `Postgres refused ${doing}: ${message ?? String(error)}${state}. The reason is not in a record, so none was passed over: mend the schema or the rights (has "npx milepost migrate" run?) and start alerts again; it goes on where it stood.`,
    error,
  );
}
